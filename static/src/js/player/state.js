// What the player does, on its root, for styles and tests: loading, playing, paused, waiting, ended or failed.

const NAMES = { pause: "paused" };

/** `name` is a state, or the event of the video element that leads to it. */
export function showState({ root }, name) {
  root.dataset.playerState = NAMES[name] ?? name;
  root.dataset.playing = String(name === "playing");
}
