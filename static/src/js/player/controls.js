// What the viewer sees of the player. The page holds the film's frame and, in templates, everything that stands on it;
// here it is put together, and each part is given the player that it shows.
import { attachBar } from "./ui/bar.js";
import { attachCaptions } from "./ui/captions.js";
import { translateChrome } from "./ui/chrome.js";
import { attachFailures } from "./ui/failures.js";
import { flashes } from "./ui/flash.js";
import { attachGestures } from "./ui/gestures.js";
import { attachHelp } from "./ui/help.js";
import { attachKeyboard } from "./ui/keyboard.js";
import { attachLive } from "./ui/live.js";
import { attachNext } from "./ui/next.js";
import { attachPreparing } from "./ui/preparing.js";
import { attachSettings } from "./ui/settings.js";
import { attachStats } from "./ui/stats.js";
import { attachTheatre } from "./ui/theatre.js";
import { attachTracks } from "./ui/tracks.js";
import { attachUnmute } from "./ui/unmute.js";

/** Put the controls on a player; called once for each. */
export function attachControls(player) {
  const { root, words, memory, video } = player;
  translateChrome(words);
  const frame = root.querySelector("[data-player-frame]");
  const controller = frame.querySelector("media-controller");
  const shown = document.importNode(frame.querySelector("[data-player-template]").content, true);
  controller.append(...[...shown.children].filter((part) => part.matches("[slot], [data-player-controls]")));
  frame.append(shown);
  // What lies above the film shall be seen there, too.
  controller.fullscreenElement = frame;
  // It calls itself a region of the page, and stands in one already.
  controller.setAttribute("role", "none");
  controller.removeAttribute("aria-label");

  const ui = { player, root, frame, controller, words, memory, video, find: (selector) => frame.querySelector(selector) };
  ui.flash = flashes(ui);
  attachTracks(ui);
  attachBar(ui);
  attachLive(ui);
  ui.captions = attachCaptions(ui);
  ui.theatre = attachTheatre(ui);
  ui.stats = attachStats(ui);
  ui.help = attachHelp(ui);
  ui.menu = attachSettings(ui);
  attachKeyboard(ui);
  attachGestures(ui);
  attachUnmute(ui);
  attachNext(ui);
  attachFailures(ui);
  attachPreparing(ui);
}
