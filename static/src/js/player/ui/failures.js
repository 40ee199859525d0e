// What went wrong, in words, and a button that tries again.
import { fill } from "./wording.js";

// Has a screen of its own.
const PREPARING = "not-ready";

export function attachFailures(ui) {
  const { player, frame, find } = ui;
  player.engine.addEventListener("failure", ({ detail }) => show(ui, detail));
  player.addEventListener("recovered", () => clear(ui));
  find("[data-failure-retry]").addEventListener("click", () => {
    clear(ui);
    frame.focus({ preventScroll: true });
    player.retry();
  });
}

function show(ui, { code, isFatal, canRetry }) {
  const { find, words, frame } = ui;
  if (code === PREPARING) return clear(ui);
  const veil = find("[data-player-failure]");
  // It stands there already: what is tried in vain again and again is not to be read out each time.
  if (!veil.hidden && veil.dataset.code === code) return;
  const retry = find("[data-failure-retry]");
  const hadFocus = frame.contains(document.activeElement);
  veil.dataset.code = code;
  veil.hidden = false;
  find("[data-failure-words]").replaceChildren(wordsFor(find, code));
  find("[data-failure-again]").hidden = isFatal;
  find("[data-failure-code]").textContent = fill(words.code, { code });
  retry.hidden = !canRetry;
  if (hadFocus && canRetry) retry.focus({ preventScroll: true });
}

function wordsFor(find, code) {
  const known = find(`[data-failure="${CSS.escape(code)}"]`) ?? find("[data-failure=unknown]");
  return document.importNode(known.content, true);
}

function clear({ find, frame }) {
  const veil = find("[data-player-failure]");
  if (veil.hidden) return;
  const hadFocus = veil.contains(document.activeElement);
  veil.hidden = true;
  if (hadFocus) frame.focus({ preventScroll: true });
}
