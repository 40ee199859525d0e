// How long it is until something begins, in words. The moment itself stands beside it, from the server.
import { language } from "./moments.js";

const EVERY_MS = 1000;
const UNITS_S = { day: 86_400, hour: 3600, minute: 60, second: 1 };

/** Keep every countdown of the page up to date, also those that come later. */
export function startCountdowns() {
  tickCountdowns(document);
  setInterval(() => tickCountdowns(document), EVERY_MS);
}

export function tickCountdowns(root) {
  const places = root.querySelectorAll("time[data-countdown]");
  if (!places.length) return;
  const words = new Intl.RelativeTimeFormat(language(), { numeric: "always" });
  for (const place of places) {
    const text = left(words, (Date.parse(place.dateTime) - Date.now()) / 1000);
    if (place.textContent !== text) place.textContent = text;
  }
}

/** Return "in 3 hours"; "" once the moment has passed: when it begins then, nobody knows. */
function left(words, seconds) {
  if (seconds <= 0) return "";
  const [unit, length] = Object.entries(UNITS_S).find(([, size]) => seconds >= size) ?? ["second", 1];
  return words.format(Math.max(1, Math.round(seconds / length)), unit);
}
