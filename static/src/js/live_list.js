// Who is on air changes while the list is looked at: it is asked for again now and then, and whenever it is looked at.
import { startCountdowns } from "./shared/countdowns.js";
import { fetchPage, swapRegions } from "./shared/regions.js";

const EVERY_MS = 10_000;

async function refresh() {
  const fresh = document.hidden ? null : await fetchPage().catch(() => null);
  if (fresh) swapRegions(fresh);
}

startCountdowns();
setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh);
