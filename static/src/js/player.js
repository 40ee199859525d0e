// The film's player: it begins to load before the controls are there, which are fetched meanwhile.
import { createPlayer } from "./player/playback.js";

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
  const { attachControls } = await import("./player/controls.js");
  attachControls(player);
  player.retell();
}

document.querySelectorAll("section[data-player]").forEach(raise);
// A page that follows its film gets the player as soon as there is something to play.
document.addEventListener("player-raised", ({ target }) => raise(target));
document.addEventListener("player-left", sweep);
