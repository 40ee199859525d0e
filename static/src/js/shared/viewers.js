// How many people watch, wherever the page says so. A place names its subject, "movie:<id>" or "stream:<uuid>", and
// whichever socket tells of that subject tells it here. Nothing is announced: it changes each second.

export const COUNT_CHANGED = "viewer_count.changed";

const LANGUAGE = document.documentElement.lang || "en";
const exact = new Intl.NumberFormat(LANGUAGE);
// As `short_figure` in portal/viewer_wording.py.
const short = new Intl.NumberFormat(LANGUAGE, { notation: "compact" });
const plural = new Intl.PluralRules(LANGUAGE);
const known = new Map();

/** Show how many watch a subject, now and in what comes to the page later; null where nobody knows. */
export function tellViewers(subject, viewers) {
  known.set(subject, viewers);
  document.querySelectorAll(`[data-viewers="${subject}"]`).forEach((place) => show(place, viewers));
}

/** Show in a part of the page, which comes from the server and may be older, what sockets have told. */
export function showViewers(root) {
  for (const place of root.querySelectorAll("[data-viewers]")) {
    if (known.has(place.dataset.viewers)) show(place, known.get(place.dataset.viewers));
  }
}

/** Learn from a page that was asked for anew what no socket has told. */
export function learnViewers(page) {
  for (const { dataset } of page.querySelectorAll("[data-viewers][data-count]")) {
    if ((known.get(dataset.viewers) ?? null) === null) tellViewers(dataset.viewers, Number(dataset.count));
  }
}

/** Have a place tell of another subject from now on. */
export function turnTo(place, subject) {
  if (place.dataset.viewers === subject) return;
  place.dataset.viewers = subject;
  show(place, known.get(subject) ?? null);
}

function show(place, viewers) {
  place.hidden = viewers === null || viewers < Number(place.dataset.least);
  if (place.hidden) return;
  const words = plural.select(viewers) === "one" ? place.dataset.one : place.dataset.many;
  const told = words.replace("#", exact.format(viewers));
  const figure = short.format(viewers);
  place.title = told;
  place.querySelector("[data-viewers-exact]").textContent = told;
  place.querySelector("[data-viewers-shown]").textContent =
    "inWords" in place.dataset ? words.replace("#", figure) : figure;
}
