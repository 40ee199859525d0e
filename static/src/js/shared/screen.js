// The player on the page of a film. It comes when the film can be played and goes when it can be no longer; between the
// two nothing here touches it, whatever editors change around it.

const PLAYER = "section[data-player]";

/** Follow a fresh copy of the page; return whether the player has come or gone. */
export function followScreen(fresh) {
  const [place, newer] = [document, fresh].map((page) => page.querySelector("[data-screen]"));
  if (!place || !newer) return false;
  const [had, has] = [place, newer].map((screen) => screen.querySelector(PLAYER) !== null);
  if (had === has) return false;
  stopScreen();
  place.replaceChildren(...document.importNode(newer, true).childNodes);
  place.closest(".stage").className = newer.closest(".stage").className;
  if (has) start(place.querySelector(PLAYER), fresh);
  else document.dispatchEvent(new CustomEvent("player-left"));
  return true;
}

/** Stop what plays: viewers are not to see the film any more. */
export function stopScreen() {
  for (const video of document.querySelectorAll(`${PLAYER} video`)) video.pause();
}

/** Let the player's script have it: the one that is here already, or that of the fresh page, which finds it by itself. */
function start(player, fresh) {
  if (document.querySelector("script[data-player-script]")) {
    player.dispatchEvent(new CustomEvent("player-raised", { bubbles: true }));
    return;
  }
  const script = document.createElement("script");
  script.type = "module";
  script.src = fresh.querySelector("script[data-player-script]").src;
  script.dataset.playerScript = "";
  document.head.append(script);
}
