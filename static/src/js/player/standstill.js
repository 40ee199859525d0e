// A film that waits for ever: nothing is on its way to it, and neither the engine nor the browser says that anything is
// wrong. Chromium waits like that for what its engine believes it has got, and now and then though it has got everything.

const LOOK_MS = 1_000;
// A device that is slow, or has much to do, may need nearly as long for the picture after a seek.
const MOST_STILL_LOOKS = 6;
// What stands still again before it has played for as long was not helped.
const LOOKS_OF_HELP = 10;
const HAIR_S = 0.1;
const HAVE_FUTURE_DATA = 3;

/**
 * Look after a film from now on. Where it stands still it is nudged; if that does not help, `beginAnew()` is called, and
 * if that does not help either, `giveUp()`. `isExpecting()` is whether there is a reason to wait.
 */
export function watchStandstill({ video, signal }, { isExpecting, beginAnew, giveUp }) {
  const helps = [() => nudge(video), beginAnew, giveUp];
  let [place_s, loaded_s, still, moving, helped] = [0, 0, 0, 0, 0];

  function look() {
    const [isThere, isLoaded] = [video.currentTime === place_s, endOf(video.buffered) === loaded_s];
    [place_s, loaded_s] = [video.currentTime, endOf(video.buffered)];
    still = isThere && isLoaded && shouldPlay(video) && !isExpecting() ? still + 1 : 0;
    if (!isThere) moving += 1;
    if (moving >= LOOKS_OF_HELP) helped = 0;
    if (still >= MOST_STILL_LOOKS) help();
  }

  function help() {
    [still, moving] = [0, 0];
    helps[helped]();
    helped = (helped + 1) % helps.length;
  }

  const timer = setInterval(look, LOOK_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}

/** The timers of a page that nobody looks at are slowed down, and so are its pictures. */
function shouldPlay({ paused, ended, readyState, ownerDocument }) {
  return !paused && !ended && readyState < HAVE_FUTURE_DATA && !ownerDocument.hidden;
}

/** Have the browser and the engine look anew at what there is. At the very end of a film, that ends it. */
function nudge(video) {
  video.currentTime += HAIR_S;
}

function endOf(ranges) {
  return ranges.length && ranges.end(ranges.length - 1);
}
