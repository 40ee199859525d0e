// The film begins by itself where the browser lets it: with its sound, else without, until somebody presses a button.
// In the pages of other sites it waits.

/**
 * Call `act` when this page wants the film: at once, or once it is looked at where the browser made it ahead of time, or
 * once somebody presses Play where the page says that the film waits for that.
 */
export function whenWanted({ root, video, signal }, act) {
  // What is still being prepared shows no button that could be pressed.
  if ("waits" in root.dataset && root.dataset.state !== "preparing") video.addEventListener("play", act, { once: true });
  else if (document.prerendering) document.addEventListener("prerenderingchange", act, { once: true, signal });
  else act();
}

/** Begin, once the page is looked at; whoever wants to save data begins by hand. */
export async function begin(player) {
  if (navigator.connection?.saveData || "waits" in player.root.dataset) return;
  await untilVisible(player.signal);
  if (!player.video.paused || player.failure) return;
  if ((await tryToPlay(player.video)) || player.video.muted) return;
  player.video.muted = true;
  player.root.dataset.muted = "by-policy";
  // Told of this very change, too.
  player.video.addEventListener("volumechange", () => player.video.muted || delete player.root.dataset.muted);
  if (!(await tryToPlay(player.video))) player.video.muted = false;
}

/** Return false if the browser wants to see a gesture first; any other trouble is told elsewhere. */
async function tryToPlay(video) {
  try {
    await video.play();
    return true;
  } catch (error) {
    return error.name !== "NotAllowedError";
  }
}

function untilVisible(signal) {
  if (document.visibilityState === "visible") return Promise.resolve();
  return new Promise((done) => document.addEventListener("visibilitychange", done, { once: true, signal }));
}
