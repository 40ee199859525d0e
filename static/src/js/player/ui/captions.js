// Captions: which, remembered for the next film, and how they look. The browser itself draws them.
import { watchEngine } from "./engine.js";
import { fill } from "./wording.js";

const NAME = "captions";
const LOOK = { size: "100", colour: "white", background: "dim", edge: "none" };
const COLOURS = { white: "#fff", yellow: "#ffe45c", cyan: "#6fe8ff", green: "#7dff8a" };
const BACKGROUNDS = { none: "transparent", dim: "rgb(0 0 0 / 0.72)", black: "#000" };
const EDGES = {
  none: "none",
  shadow: "0 0.06em 0.18em #000, 0 0 0.4em rgb(0 0 0 / 0.8)",
  outline: "-1px -1px 0 #000, 1px -1px 0 #000, -1px 1px 0 #000, 1px 1px 0 #000, 0 0 3px #000",
};

export function attachCaptions(ui) {
  const { player, video, words, flash, find, memory } = ui;
  const button = find("[data-player-captions]");
  const state = { isOn: false, language: null, ...memory.recall(NAME) };
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  player.signal.addEventListener("abort", () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
  });
  let applied = "";

  function keep() {
    memory.remember(NAME, state);
  }

  function choose(index) {
    const track = trackAt(player.engine, index);
    Object.assign(state, { isOn: Boolean(track) }, track && { language: track.language });
    keep();
    player.engine.chooseTextTrack(track ? index : -1);
    flash(track ? fill(words.captionsOn, { label: track.label }) : words.captionsOff);
  }

  function toggle() {
    const tracks = player.engine.textTracks();
    if (tracks.length === 0) flash(words.captionsNone);
    else choose(player.engine.textTrack >= 0 ? -1 : preferred(tracks, state.language).index);
  }

  /** Choose what was chosen before; of two texts in one language, the one that stands there already may be it. */
  function chooseAgain(engine, tracks) {
    const isThere = trackAt(engine, engine.textTrack)?.language === state.language;
    if (!state.isOn) engine.chooseTextTrack(-1);
    else if (!isThere) engine.chooseTextTrack(preferred(tracks, state.language).index);
  }

  function setLook(name, value) {
    state.look = { ...LOOK, ...state.look, [name]: value };
    keep();
    sheet.replaceSync(styles(state.look));
  }

  watchEngine(player, ["text"], (engine) => {
    const tracks = engine.textTracks();
    button.hidden = tracks.length === 0;
    const offered = tracks.map(({ label }) => label).join("\n");
    if (offered !== applied) {
      applied = offered;
      if (tracks.length) chooseAgain(engine, tracks);
    }
    button.setAttribute("aria-pressed", String(engine.textTrack >= 0));
  });
  // A film that begins anew has forgotten what was chosen.
  video.addEventListener("loadstart", () => (applied = ""));
  sheet.replaceSync(styles({ ...LOOK, ...state.look }));
  button.addEventListener("click", toggle);
  return { choose, toggle, setLook, look: () => ({ ...LOOK, ...state.look }) };
}

/** Return the track in the language that was read last, else the film's own choice, else the first. */
function preferred(tracks, language) {
  return tracks.find((track) => track.language === language) ?? tracks.find((track) => track.isDefault) ?? tracks[0];
}

function trackAt(engine, index) {
  return engine.textTracks().find((track) => track.index === index);
}

function styles({ size, colour, background, edge }) {
  const look = `font-family: "Hanken Grotesk", "Noto Sans Thai", sans-serif; color: ${COLOURS[colour]}; background: ${BACKGROUNDS[background]}; text-shadow: ${EDGES[edge]};`;
  return `video::cue { ${look} font-size: ${Number(size)}%; }
    .player-sample > span { ${look} font-size: ${Number(size)}%; }`;
}
