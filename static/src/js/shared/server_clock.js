// The server's clock: a window opens and closes by it, whatever the clock of this device shows.

// Browsers take no longer delay than 24.8 days; a device that slept is found out within this time.
const LONGEST_WAIT_MS = 60_000;
// The server's answer must come from after the edge.
const AFTER_MS = 30;

/** Return a clock that stood at `seenAt` (ISO 8601) when the answer that carried it arrived. */
export function serverClock(seenAt, arrivedAt = arrival()) {
  const ahead = Date.parse(seenAt) - arrivedAt;
  return () => Date.now() + ahead;
}

/** Call `action` once the clock has passed a moment; return a function that calls it off. */
export function whenPassed(moment, clock, action) {
  const at = Date.parse(moment) + AFTER_MS;
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    const left = at - clock();
    if (left > 0) {
      timer = setTimeout(wait, Math.min(left, LONGEST_WAIT_MS));
    } else {
      stop();
      action();
    }
  };
  const stop = () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", wait);
  };
  document.addEventListener("visibilitychange", wait);
  wait();
  return stop;
}

function arrival() {
  const [navigation] = performance.getEntriesByType("navigation");
  return performance.timeOrigin + (navigation?.responseStart ?? 0);
}
