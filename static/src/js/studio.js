// A broadcaster's page of a channel: its screen follows the channel as viewers' pages do, and the rest is asked for
// again whenever something happens to a stream. What was typed, and a key that is shown this once, are left alone.
import "./live.js";
import { enhanceLocalTimes } from "./shared/local_times.js";
import { coalesce, fetchPage, swapRegions } from "./shared/regions.js";
import { follow } from "./shared/socket.js";
import { showToast } from "./shared/toasts.js";
import { COUNT_CHANGED } from "./shared/viewers.js";

// Figures of a broadcast that has just ended hold after 45 seconds, of which no event tells.
const COUNTING_MS = 30_000;
const root = document.querySelector("[data-studio]");

if (root) {
  const refreshSoon = coalesce(async () => {
    const fresh = await fetchPage().catch(() => null);
    if (fresh) swapRegions(fresh);
  });
  // What is announced, its list of forms says; who watches, the other script.
  const onEvent = (type) => type.startsWith("stream_plan.") || type === COUNT_CHANGED || refreshSoon();
  follow(root.dataset.socket, { onSnapshot() {}, onEvent });
  setInterval(() => !document.hidden && root.querySelector("[data-still-counted]") && refreshSoon(), COUNTING_MS);
  enhanceLocalTimes(root);
}

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
    showToast(button.dataset.copiedText, "success");
  });
}
