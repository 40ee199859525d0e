// Lists of films follow the catalogue. What viewers may not see any more goes at once, and asks for nothing; for what
// is new there is a button, so that a page with thousands of readers is not fetched thousands of times.
import { enhancePaging } from "./shared/paging.js";
import { coalesce, fetchPage, swapRegions } from "./shared/regions.js";
import { serverClock, whenPassed } from "./shared/server_clock.js";
import { follow } from "./shared/socket.js";
import { announce } from "./shared/toasts.js";

// After a lost connection every list asks; they have a while to do so.
const RECOVERY_MS = 2_000;

const root = document.querySelector("[data-catalogue]");
const button = root?.querySelector("button");
const recoverSoon = coalesce(refresh, RECOVERY_MS);

if (root && !("isPreview" in root.dataset)) {
  follow(root.dataset.socket, { onSnapshot, onEvent, onState: (state) => (root.dataset.connection = state) });
  button.addEventListener("click", showNews);
  watchClock();
}
enhancePaging();

function onSnapshot({ revision }) {
  // Something happened between the making of this page and the socket's first word.
  if (String(revision) !== root.dataset.revision) recoverSoon();
}

function onEvent(_type, data) {
  const cards = cardsOf(data.movie_id);
  if (!data.is_listed) remove(cards);
  else if (cards.length > 0) cards.forEach((card) => rename(card, data.title));
  else if (data.is_new) offerNews();
}

function cardsOf(id) {
  return [...document.querySelectorAll(`[data-movie-card="${id}"]`)];
}

function remove(cards) {
  for (const card of cards) {
    const shelf = card.closest("[data-shelf]");
    // The film on the stage has a whole page around it, which gets another one.
    if (card.matches(".stage")) recoverSoon();
    else (card.closest("li") ?? card).remove();
    if (shelf && !shelf.querySelector("[data-movie-card]")) shelf.remove();
  }
}

function rename(card, title) {
  card.querySelectorAll("h1, h3 a, .poster-title").forEach((place) => {
    place.textContent = title;
  });
}

function offerNews() {
  if (!("showsNew" in root.dataset) || !button.hidden) return;
  button.hidden = false;
  announce(button.textContent.trim());
}

async function showNews() {
  await refresh();
  history.replaceState(null, "");
  scrollTo({ top: 0 });
}

async function refresh() {
  const fresh = await fetchPage().catch(() => undefined);
  const newer = fresh?.querySelector("[data-catalogue]");
  if (!newer) return;
  Object.assign(root.dataset, newer.dataset);
  button.hidden = true;
  swapRegions(fresh);
  watchClock(Date.now());
}

/** Each card knows when its film goes, or comes: no list has to be fetched for that. */
function watchClock(arrivedAt) {
  const clock = serverClock(root.dataset.seenAt, arrivedAt);
  for (const card of document.querySelectorAll("[data-leaves-at], [data-opens-at]")) {
    const { leavesAt, opensAt } = card.dataset;
    if (leavesAt) whenPassed(leavesAt, clock, () => card.isConnected && remove([card]));
    if (opensAt) whenPassed(opensAt, clock, () => card.isConnected && offerNews());
  }
}
