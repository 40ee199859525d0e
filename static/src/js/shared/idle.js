// What can wait until the browser has nothing better to do.

const LATEST_MS = 1_000;

export function whenIdle(act) {
  if ("requestIdleCallback" in window) requestIdleCallback(act, { timeout: LATEST_MS });
  else setTimeout(act, LATEST_MS / 2);
}
