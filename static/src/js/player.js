// The film's player: it begins to load before the controls are there, which come with the first picture.
import { createPlayer } from "./player/playback.js";
import { report } from "./player/reports.js";

// Controls take a tenth of a second to come to life, which the picture would come later by. Slow lines get them before.
const CONTROLS_WITHIN_MS = 1_500;

const players = new Set();

/** Stop those that the page does without by now. */
function sweep() {
  for (const gone of [...players].filter((player) => !player.root.isConnected)) {
    gone.stop();
    players.delete(gone);
  }
}

async function raise(root) {
  sweep();
  const player = createPlayer(root);
  players.add(player);
  await firstPicture(player);
  putControlsOn(player);
  tellAudience(player);
}

async function putControlsOn(player) {
  let isHere = false;
  try {
    const { attachControls } = await import("./player/controls.js");
    isHere = true;
    if (player.signal.aborted) return;
    attachControls(player);
    player.retell();
  } catch (error) {
    // What is here and stumbles would do so again.
    doWithout(player, { isWorthAnother: !isHere });
    report(player, { code: "unknown", detail: `controls: ${error.message}` });
  }
}

/** Tell who counts viewers. Where the script for it cannot be had, or the browser keeps it away, nobody misses it here. */
async function tellAudience(player) {
  const beacons = await import("./player/beacons.js").catch(() => null);
  if (!player.signal.aborted) beacons?.attachBeacons(player);
}

/** The browser's own controls are better than none. */
function doWithout(player, { isWorthAnother }) {
  const lost = player.root.querySelector("[data-player-lost]");
  player.video.controls = true;
  lost.hidden = !isWorthAnother;
  const again = () => {
    player.video.controls = false;
    lost.hidden = true;
    putControlsOn(player);
    // What stopped the film has been told to nobody.
    if (player.failure?.canRetry) player.retry();
  };
  lost.querySelector("button").addEventListener("click", again, { once: true });
}

/** Wait for the first picture of a film that loads by itself, or for its failure; but not for long. */
async function firstPicture({ root, video, engine }) {
  if (root.dataset.playerState !== "loading") return;
  await new Promise((done) => {
    video.addEventListener("loadeddata", done, { once: true });
    engine.addEventListener("failure", done, { once: true });
    setTimeout(done, CONTROLS_WITHIN_MS);
  });
}

document.querySelectorAll("section[data-player]").forEach(raise);
// A page that follows its film gets the player as soon as there is something to play.
document.addEventListener("player-raised", ({ target }) => raise(target));
document.addEventListener("player-left", sweep);
