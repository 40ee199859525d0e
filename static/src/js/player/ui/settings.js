// The settings: quality, speed, sound, captions and their look, and what else there is to do with a film.
import { share } from "./sharing.js";
import { watchEngine } from "./engine.js";
import { Menu } from "./menu.js";
import { setSpeed } from "./speed.js";
import { clockTime, fill } from "./wording.js";

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const AUTO = -1;
const OFF = -1;

export function attachSettings(ui) {
  const { player, video, controller, find } = ui;
  const element = find("[data-player-menu]");
  const show = (name) => showPage(ui, element, name);
  const menu = new Menu({
    element,
    button: find("[data-player-settings]"),
    signal: player.signal,
    onShow: show,
    // The bar must not leave while its menu is open.
    onToggle: (isOpen) => find("[data-player-controls]").toggleAttribute("noautohide", isOpen),
  });
  const refresh = () => menu.isOpen && showValues(ui, element);
  watchEngine(player, ["levels", "level", "audio", "text"], refresh);
  video.addEventListener("ratechange", refresh);
  element.addEventListener("click", (event) => {
    const { does } = event.target.closest("[data-does]")?.dataset ?? {};
    if (does) act(ui, menu, does);
    const choice = event.target.closest("[data-style] button");
    if (choice) chooseLook(ui, element, choice);
  });
  controller.addEventListener("mediaenterfullscreenrequest", () => menu.close({ isKept: true }));
  return menu;
}

function act(ui, menu, does) {
  menu.close();
  if (does === "share") share(ui);
  if (does === "stats") ui.stats.toggle();
  if (does === "help") ui.help.open();
}

function showPage(ui, element, name) {
  ui.find("[data-player-sample]").hidden = name !== "style";
  if (name === "main") showValues(ui, element);
  if (name === "style") showLook(ui, element);
  const page = PAGES[name];
  if (!page) return;
  const place = element.querySelector(`[data-page=${name}] [data-options]`);
  place.replaceChildren(...page.options(ui).map((option) => button(ui, page, option)));
}

/** What each row of the first page says of its own page, and whether there is anything to choose there. */
function showValues(ui, element) {
  for (const [name, page] of Object.entries(PAGES)) {
    element.querySelector(`[data-value=${name}]`).textContent = page.value(ui);
    element.querySelector(`[data-opens=${name}]`).hidden = page.options(ui).length < 2;
  }
  element.querySelector("[data-opens=style]").hidden = !ui.player.engine.textTracks().length;
  element.querySelector("[data-does=stats]").setAttribute("aria-checked", String(ui.stats.isShown()));
  const time = clockTime(ui.video.currentTime);
  element.querySelector("[data-share-label]").textContent = fill(ui.words.linkAt, { time });
}

function button(ui, page, { label, note = "", value, isChosen }) {
  const made = document.importNode(ui.find("[data-player-option]").content, true).firstElementChild;
  made.querySelector("span").textContent = label;
  made.querySelector("small").textContent = note;
  made.setAttribute("aria-checked", String(isChosen));
  made.addEventListener("click", () => {
    page.choose(ui, value);
    for (const other of made.parentElement.children) other.setAttribute("aria-checked", String(other === made));
  });
  return made;
}

const PAGES = {
  quality: {
    value: (ui) => qualityNow(ui),
    choose: ({ player }, index) => player.engine.chooseLevel(index),
    options({ player, words }) {
      const { engine } = player;
      const levels = [...engine.levels()].sort((a, b) => b.height - a.height || b.bitrate - a.bitrate);
      const shown = levels.map((level) => ({
        label: level.name,
        note: `${(level.bitrate / 1e6).toFixed(1)} Mbit/s`,
        value: level.index,
        isChosen: engine.chosenLevel === level.index,
      }));
      const now = engine.chosenLevel === AUTO ? levels.find(({ index }) => index === engine.level) : null;
      const auto = { label: words.auto, note: now?.name ?? "", value: AUTO, isChosen: engine.chosenLevel === AUTO };
      return shown.length ? [...shown, auto] : [];
    },
  },
  speed: {
    value: ({ video, words }) => speedName(video.playbackRate, words),
    choose: ({ video }, rate) => setSpeed(video, rate),
    // What is on air sets the pace itself.
    options: ({ player, video, words }) =>
      (player.isLive ? [] : SPEEDS).map((rate) => ({
        label: speedName(rate, words),
        value: rate,
        isChosen: video.playbackRate === rate,
      })),
  },
  audio: {
    value: (ui) => chosen(PAGES.audio.options(ui)),
    choose: ({ player }, index) => player.engine.chooseAudioTrack(index),
    options: ({ player, words }) =>
      player.engine.audioTracks().map((track) => ({
        label: labelOf(track, words),
        value: track.index,
        isChosen: player.engine.audioTrack === track.index,
      })),
  },
  captions: {
    value: (ui) => chosen(PAGES.captions.options(ui)),
    choose: ({ captions }, index) => captions.choose(index),
    options({ player, words }) {
      const tracks = player.engine.textTracks();
      const shown = tracks.map((track) => ({
        label: labelOf(track, words),
        note: track.kind === "captions" ? words.forDeaf : "",
        value: track.index,
        isChosen: player.engine.textTrack === track.index,
      }));
      return shown.length ? [{ label: words.off, value: OFF, isChosen: player.engine.textTrack === OFF }, ...shown] : [];
    },
  },
};

function chosen(options) {
  return options.find(({ isChosen }) => isChosen)?.label ?? "";
}

function labelOf({ label, language, index }, words) {
  return label || language || fill(words.unnamed, { number: index + 1 });
}

function qualityNow({ player, words }) {
  const levels = player.engine.levels();
  const { chosenLevel, level } = player.engine;
  const now = levels.find(({ index }) => index === (chosenLevel === AUTO ? level : chosenLevel));
  if (chosenLevel !== AUTO) return now?.name ?? "";
  return now ? fill(words.autoNow, { quality: now.name }) : words.auto;
}

function speedName(rate, words) {
  return rate === 1 ? words.normal : `${rate}×`;
}

function chooseLook(ui, element, choice) {
  ui.captions.setLook(choice.closest("[data-style]").dataset.style, choice.value);
  showLook(ui, element);
}

function showLook({ captions }, element) {
  const look = captions.look();
  for (const choice of element.querySelectorAll("[data-style] button")) {
    const isChosen = look[choice.closest("[data-style]").dataset.style] === choice.value;
    choice.setAttribute("aria-checked", String(isChosen));
  }
}
