// Whether figures come as they should, said visibly: what is late must not pass for what is.
import { announce } from "../shared/toasts.js";
import { fill } from "../uploads/wording.js";

const LOOK_MS = 500;
const PATIENCE_MS = 3000;
// As LATE_AFTER_S in analytics/pages/live.py.
const OLD_S = 5;

/** Watch over a section of figures. Tell it of each snapshot, of each second, and of the state of the connection. */
export function watchLine(section, words) {
  const place = section.querySelector("[data-line-state]");
  const trouble = place.querySelector("[data-line-trouble]");
  let heardAt = performance.now();
  let latest = null;
  // How far the server's clock is ahead of this one.
  let aheadS = 0;
  let connection = "live";
  const timer = setInterval(look, LOOK_MS);

  function look() {
    const ageS = latest === null ? null : Date.now() / 1000 + aheadS - latest;
    // Of what is new there may be no second yet.
    const isLate = ageS > OLD_S || performance.now() - heardAt > PATIENCE_MS;
    const state = connection === "live" ? (isLate ? "late" : "live") : connection;
    const text = { live: "", late: sayLate(ageS), waiting: words.reconnecting, offline: words.offline, gone: words.gone }[state];
    if (trouble.textContent !== text) trouble.textContent = text;
    if (section.dataset.line === state) return;
    // Said once to who hears the page: the seconds go on counting before everybody's eyes.
    if (state !== "live") announce(state === "late" && ageS !== null ? words.isLate : text);
    place.dataset.lineState = section.dataset.line = state;
  }

  function sayLate(ageS) {
    return ageS === null ? words.unknown : fill(words.late, { seconds: Math.max(1, Math.round(ageS)) });
  }

  return {
    begin({ at, age_s: ageS }) {
      // It may be older than what was told since.
      if (at !== null && at > (latest ?? 0)) {
        heardAt = performance.now();
        latest = at;
      }
      if (at !== null) aheadS = at + ageS - Date.now() / 1000;
      look();
    },
    hear(at) {
      heardAt = performance.now();
      latest = at;
      look();
    },
    connect(state) {
      connection = state;
      look();
    },
    stop: () => clearInterval(timer),
  };
}
