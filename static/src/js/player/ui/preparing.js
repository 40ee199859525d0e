// A film that is still being prepared: how far it is, and how long it will take at the pace that was seen.
import { fill } from "./wording.js";

const MINUTE_MS = 60_000;
// Less than this says nothing of the pace.
const LEAST_PERCENT = 2;

export function attachPreparing({ player, root, words, find }) {
  const bar = find("[data-preparing-progress]");
  let first = null;

  function show(percent) {
    const now = performance.now();
    if (!first || percent < first.percent) first = { percent, at: now };
    const gained = percent - first.percent;
    const left = gained >= LEAST_PERCENT ? ((100 - percent) * (now - first.at)) / gained : null;
    bar.value = percent;
    find("[data-preparing-text]").textContent = wordsFor(words, Math.floor(percent), left);
  }

  player.engine.addEventListener("failure", ({ detail: { code, problem } }) => {
    root.dataset.state = code === "not-ready" ? "preparing" : "ready";
    if (Number.isFinite(problem?.percent)) show(problem.percent);
  });
  player.addEventListener("playback", () => (root.dataset.state = "ready"));
}

function wordsFor(words, percent, left) {
  if (left === null) return fill(words.preparingPercent, { percent });
  if (left < MINUTE_MS) return fill(words.preparingSoon, { percent });
  return fill(words.preparingMinutes, { percent, minutes: Math.round(left / MINUTE_MS) });
}
