// The player by keyboard and by remote control. Keys work while nothing else on the page has the focus; those that move
// the page do so until the player has it.
import { seek } from "./bar.js";
import { setSpeed } from "./speed.js";
import { clockTime, fill } from "./wording.js";

const FIELDS = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable], dialog[open] *";
const PRESSABLE = "button, a, summary, [role=button], [role^=menuitem], input[type=checkbox]";
const MOVE_THE_PAGE = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"]);
const MOVES_ON = /^(?:Arrow.*|Page.*|[jl,.])$/i;
const [SMALL_STEP_S, STEP_S, PAGE_S] = [5, 10, 60];
const VOLUME_STEP = 0.05;
const SPEED_STEP = 0.25;
const [SLOWEST, FASTEST] = [0.25, 2];
// What one picture lasts, where nobody says better.
const FRAME_S = 1 / 24;

export function attachKeyboard(ui) {
  document.addEventListener("keydown", (event) => onKey(ui, event), { signal: ui.player.signal });
}

function onKey(ui, event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !concernsUs(ui, event)) return;
  const action = actionFor(ui, event);
  if (!action) return;
  event.preventDefault();
  // A key that is held moves; it does not switch on and off.
  if (event.repeat && !MOVES_ON.test(event.key)) return;
  ui.controller.dispatchEvent(new KeyboardEvent("keyup"));
  action();
}

/** Tell whether the player is there to be seen, and the focus in it or nowhere in particular. */
function concernsUs({ frame, root }, { target }) {
  if (!root.isConnected || root.closest("[hidden]") || target.closest(FIELDS)) return false;
  return frame.contains(target) || target === document.body || target.id === "content";
}

function hasFocus({ frame }, target) {
  return frame.contains(target) || document.fullscreenElement === frame;
}

function actionFor(ui, event) {
  const { key, target } = event;
  if (MOVE_THE_PAGE.has(key) && !hasFocus(ui, target)) return null;
  const isOnButton = Boolean(target.closest(PRESSABLE));
  if ((key === " " || key === "Enter") && isOnButton) return null;
  if (key.startsWith("Arrow") && isOnButton) return walking(ui, event);
  if (target.closest("[data-player-volume]") && key in VOLUME_KEYS) return () => changeVolume(ui, VOLUME_KEYS[key]);
  if (key in MOVES) return () => MOVES[key](ui);
  if (!ui.help.areShortcutsOn()) return null;
  if (/^[0-9]$/.test(key)) return () => toTenth(ui, Number(key));
  const letter = LETTERS[key] ?? LETTERS[key.toLowerCase()];
  return letter && (() => letter(ui));
}

/** On a button of the bar, arrows walk along the bar, and up to the time: so a remote control reaches everything. */
function walking({ find, frame }, { key, target }) {
  const bar = find("[data-player-bar]");
  if (!bar.contains(target)) return null;
  if (key === "ArrowUp") return () => find("[data-player-seek]").range.focus();
  if (key === "ArrowDown") return () => frame.focus();
  const stops = [...bar.querySelectorAll("button, [role=button]")].filter((stop) => stop.checkVisibility());
  const next = stops.indexOf(target.closest("button, [role=button]")) + (key === "ArrowRight" ? 1 : -1);
  return () => stops[Math.min(Math.max(next, 0), stops.length - 1)].focus();
}

const VOLUME_KEYS = {
  ArrowUp: VOLUME_STEP,
  ArrowRight: VOLUME_STEP,
  ArrowDown: -VOLUME_STEP,
  ArrowLeft: -VOLUME_STEP,
  PageUp: 4 * VOLUME_STEP,
  PageDown: -4 * VOLUME_STEP,
  Home: -1,
  End: 1,
};

const MOVES = {
  " ": (ui) => togglePlay(ui),
  Enter: (ui) => togglePlay(ui),
  MediaPlayPause: (ui) => togglePlay(ui),
  ArrowLeft: (ui) => move(ui, -SMALL_STEP_S),
  ArrowRight: (ui) => move(ui, SMALL_STEP_S),
  PageDown: (ui) => move(ui, -PAGE_S),
  PageUp: (ui) => move(ui, PAGE_S),
  MediaRewind: (ui) => move(ui, -STEP_S),
  MediaFastForward: (ui) => move(ui, STEP_S),
  Home: ({ video }) => (video.currentTime = 0),
  End: ({ video, player }) => (player.isLive ? player.engine.edge?.jump() : toEnd(video)),
  ArrowUp: (ui) => changeVolume(ui, VOLUME_STEP),
  ArrowDown: (ui) => changeVolume(ui, -VOLUME_STEP),
  Escape: (ui) => ui.theatre.leave(),
};

const LETTERS = {
  k: (ui) => togglePlay(ui),
  j: (ui) => move(ui, -STEP_S),
  l: (ui) => move(ui, STEP_S),
  m: (ui) => toggleMute(ui),
  f: ({ find }) => find("media-fullscreen-button").click(),
  p: ({ find }) => find("media-pip-button").click(),
  t: (ui) => ui.theatre.toggle(),
  c: (ui) => ui.captions.toggle(),
  s: (ui) => ui.stats.toggle(),
  ",": (ui) => stepPicture(ui, -FRAME_S),
  ".": (ui) => stepPicture(ui, FRAME_S),
  "<": (ui) => changeSpeed(ui, -SPEED_STEP),
  ">": (ui) => changeSpeed(ui, SPEED_STEP),
  "?": (ui) => ui.help.open(),
};

function toEnd(video) {
  if (Number.isFinite(video.duration)) video.currentTime = video.duration;
}

export function togglePlay({ video, words, flash }) {
  flash(video.paused ? words.play : words.pause);
  // A refusal is shown by those who watch the player.
  if (video.paused) video.play().catch(() => {});
  else video.pause();
}

export function move({ video, words, flash }, seconds) {
  seek(video, seconds);
  flash(fill(seconds < 0 ? words.back : words.forward, { seconds: Math.abs(seconds) }));
}

function toTenth({ video, flash }, tenth) {
  if (!Number.isFinite(video.duration)) return;
  video.currentTime = (video.duration * tenth) / 10;
  flash(clockTime(video.currentTime));
}

function stepPicture({ video }, seconds) {
  if (video.paused) seek(video, seconds);
}

function changeVolume({ video, words, flash }, step) {
  const heard = video.muted ? 0 : video.volume;
  video.volume = Math.min(Math.max(0, heard + step), 1);
  video.muted = video.volume === 0;
  flash(fill(words.volumeNow, { percent: Math.round(video.volume * 100) }));
}

function toggleMute({ video, words, flash }) {
  video.muted = !video.muted;
  flash(video.muted ? words.muted : fill(words.volumeNow, { percent: Math.round(video.volume * 100) }));
}

function changeSpeed({ video, flash }, step) {
  setSpeed(video, Math.min(Math.max(SLOWEST, video.playbackRate + step), FASTEST));
  flash(`${video.playbackRate}×`);
}
