// The picture itself under a mouse and under a thumb.
//
//   mouse   a click plays or pauses, a double one fills the screen
//   touch   a tap shows the controls or hides them; further taps at a side, while the first is fresh, skip by 10 s each
import { seek } from "./bar.js";
import { togglePlay } from "./keyboard.js";
import { fill } from "./wording.js";

const TAP_MS = 300;
const STEP_S = 10;
// The middle belongs to the play button.
const SIDE = 0.4;
const SHOWN_MS = 700;

export function attachGestures(ui) {
  const { controller, video, frame } = ui;
  const touch = taps(ui);
  controller.addEventListener("click", (event) => {
    if (!isPicture(ui, event)) return;
    if (isTouch(event)) return touch(event);
    frame.focus({ preventScroll: true });
    togglePlay(ui);
  });
  controller.addEventListener("dblclick", (event) => {
    if (isPicture(ui, event) && !isTouch(event)) ui.find("media-fullscreen-button").click();
  });
  video.addEventListener("contextmenu", (event) => isCoarse() && event.preventDefault());
  document.addEventListener("fullscreenchange", () => turn(frame), { signal: ui.player.signal });
}

function isPicture({ controller, video }, { target }) {
  return target === video || target === controller;
}

/** Not every browser says of a click what it was made with. */
function isTouch({ pointerType }) {
  return pointerType ? pointerType === "touch" : isCoarse();
}

function isCoarse() {
  return matchMedia("(pointer: coarse)").matches;
}

/** Count taps at one side: the first is the controls', each further one skips. */
function taps(ui) {
  const { video, frame, find, words } = ui;
  const place = find("[data-player-taps]");
  let [lastAt, lastSide, skipped, timer] = [-TAP_MS, 0, 0, 0];

  return function tap(event) {
    const { left, width } = frame.getBoundingClientRect();
    const where = (event.clientX - left) / width;
    const side = where < SIDE ? -1 : Number(where > 1 - SIDE);
    const isFurther = side !== 0 && side === lastSide && event.timeStamp - lastAt < TAP_MS;
    [lastAt, lastSide] = [event.timeStamp, side];
    skipped = isFurther ? skipped + STEP_S : 0;
    if (!isFurther) return;
    seek(video, side * STEP_S);
    place.dataset.side = side < 0 ? "back" : "forward";
    place.firstElementChild.textContent = fill(side < 0 ? words.back : words.forward, { seconds: skipped });
    place.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => (place.hidden = true), SHOWN_MS);
  };
}

/** A phone that is held upright shows a wide film across, where it lets a page ask for that. */
function turn(frame) {
  if (document.fullscreenElement !== frame || !isCoarse()) return;
  screen.orientation?.lock?.("landscape").catch(() => {});
}
