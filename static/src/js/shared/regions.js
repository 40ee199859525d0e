// Parts of a page that follow the server: the same address is fetched once more, and marked regions are exchanged.
import { tickCountdowns } from "./countdowns.js";
import { RequestFailed, send } from "./http.js";
import { enhanceMoments } from "./moments.js";
import { enhanceShelves } from "./shelves.js";
import { learnViewers, showViewers } from "./viewers.js";

// Thousands of pages may hear of one change: they do not all ask in the same instant.
const SPREAD_MS = 400;
const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

/** Fetch this page anew; null if there is no such page any more. Throw RequestFailed if nothing can be known. */
export async function fetchPage() {
  try {
    // A page that is open already needs no second session with its player.
    const headers = { Accept: "text/html", "X-Purpose": "refresh" };
    const response = await send(location.href, { headers });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    // A former address leads to the present one.
    if (response.redirected) history.replaceState(history.state, "", response.url);
    return fresh;
  } catch (error) {
    if (error instanceof RequestFailed && error.status === 404) return null;
    throw error;
  }
}

/** Exchange each region whose content differs; return how many did. Focus stays where it was. */
export function swapRegions(fresh) {
  let swapped = 0;
  for (const region of document.querySelectorAll("[data-region]")) {
    const newer = fresh.querySelector(`[data-region="${region.dataset.region}"]`);
    if (!newer) continue;
    region.hidden = newer.hidden;
    if (told(region) === told(newer)) continue;
    swapOne(region, newer);
    swapped += 1;
  }
  learnViewers(fresh);
  document.title = fresh.title;
  return swapped;
}

/** Return a function that asks for `refresh` soon: once for calls in quick succession, and never twice at a time. */
export function coalesce(refresh, spreadMs = SPREAD_MS) {
  let isWaiting = false;
  let last = Promise.resolve();
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      last = last.then(() => {
        isWaiting = false;
        return refresh();
      });
    }, Math.random() * spreadMs);
  };
}

/** Return what the server wrote: without what scripts have done to it. */
function told(region) {
  const copy = region.cloneNode(true);
  copy.querySelectorAll("time:is([data-moment], [data-countdown])").forEach((time) => time.replaceChildren());
  copy.querySelectorAll(".shelf-buttons").forEach((buttons) => buttons.remove());
  // Who watches is no reason to exchange what stands around the figure.
  for (const place of copy.querySelectorAll("[data-viewers]")) {
    place.replaceChildren();
    ["title", "data-count", "hidden"].forEach((name) => place.removeAttribute(name));
  }
  return copy.innerHTML;
}

function swapOne(region, newer) {
  const place = [...region.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  region.replaceChildren(...document.importNode(newer, true).childNodes);
  enhanceShelves(region);
  enhanceMoments(region);
  tickCountdowns(region);
  showViewers(region);
  if (place >= 0) [...region.querySelectorAll(FOCUSABLE)].at(place)?.focus({ preventScroll: true });
}
