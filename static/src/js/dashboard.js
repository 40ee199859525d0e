// Pages of figures: what is watched now, as it is counted, and what was watched in a time.
import { createBoard } from "./figures/board.js";
import { showHealth, showVerdict } from "./figures/health.js";
import { showHistory } from "./figures/history.js";
import { createLive } from "./figures/live.js";
import { sayCount, sayDelay, sayRate, sayShare } from "./figures/numbers.js";
import { coalesce, fetchPage, swapRegions } from "./shared/regions.js";

// Phases, open players and titles: what comes with no event.
const REFRESH_MS = 15_000;
// Who watches a film: its seconds come with no event either.
const POLL_MS = 5_000;
const DAY_S = 86_400;

const words = JSON.parse(document.querySelector("#figure-words").textContent);
const live = document.querySelector("[data-live-figures]");
const history = document.querySelector("[data-range-figures]");
const polled = document.querySelector("[data-polled-figures]");
const refreshSoon = coalesce(async () => {
  const fresh = await fetchPage().catch(() => null);
  if (fresh) swapRegions(fresh);
  if (polled) showLine(fresh !== null);
});

if (live) {
  const figures = createLive(live, words, { onSample });
  figures.begin(JSON.parse(live.querySelector("#live-figures").textContent));
  figures.follow(live.dataset.socket);
  setInterval(() => document.hidden || refreshSoon(), REFRESH_MS);
}
if (polled) setInterval(() => document.hidden || refreshSoon(), POLL_MS);
if (history) showHistory(history, words);
showMovie();

function onSample({ subjects, health }) {
  if (subjects) showStreams(subjects);
  if (health !== undefined) showHealth(live.querySelector("[data-health]"), health, words.findings);
}

/** Bring the table of live streams up to date; a stream that it does not show comes with the page. */
function showStreams(subjects) {
  for (const figures of subjects.filter(({ subject }) => subject.startsWith("stream:"))) {
    const row = document.querySelector(`tr[data-subject="${figures.subject}"]`);
    if (row) showRow(row, figures);
    else refreshSoon();
  }
}

function showRow(row, figures) {
  const { sessions, rebuffering } = figures;
  if (figures.health) showVerdict(row.querySelector('[data-cell="health"]'), figures.health, words.findings);
  put(row, "viewers", sayCount(figures.viewers));
  put(row, "sessions", sayCount(sessions));
  put(row, "ingress", sayRate(figures.ingress_bps));
  put(row, "egress", sayRate(figures.egress_bps));
  put(row, "rebuffering", sayShare(sessions ? rebuffering / sessions : null));
  put(row, "latency", sayDelay(figures.latency_ms));
}

/** Say whether figures that are asked for come; the page that comes says how old they are. */
function showLine(isThere) {
  const line = polled.querySelector("[data-line-state]");
  if (!isThere) {
    line.dataset.lineState = "waiting";
    line.querySelector("[data-line-trouble]").textContent = navigator.onLine ? words.reconnecting : words.offline;
  }
  polled.dataset.line = line.dataset.lineState;
}

function put(row, name, text) {
  const cell = row.querySelector(`[data-cell="${name}"]`);
  if (cell.textContent !== text) cell.textContent = text;
}

function showMovie() {
  const told = document.querySelector("#movie-figures");
  if (!told) return;
  const { first, last, days, retention } = JSON.parse(told.textContent);
  // A bar stands on the middle of its place: half a day more on both sides.
  const span = { from: first - DAY_S / 2, to: last + DAY_S / 2, stepS: DAY_S };
  createBoard(document.querySelector("[data-days]"), words).show(days, span);
  const curve = document.querySelector("[data-retention]");
  if (curve) createBoard(curve, words).show(retention, { from: 0, to: 100, stepS: 1 });
}
