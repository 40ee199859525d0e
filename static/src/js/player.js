// The film's player: it begins to load before the controls are there, which are fetched meanwhile.
import { createPlayer } from "./player/playback.js";

for (const root of document.querySelectorAll("section[data-player]")) begin(root);
// One that comes while the page is open.
document.addEventListener("player-raised", ({ target }) => begin(target));

function begin(root) {
  const player = createPlayer(root);
  import("./player/controls.js").then(({ attachControls }) => {
    attachControls(player);
    player.retell();
  });
}
