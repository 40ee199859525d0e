// Who is on air changes while the list is looked at. A socket tells of it; while there is none, the list is asked for
// again now and then, and whenever it is looked at.
import { startCountdowns } from "./shared/countdowns.js";
import { coalesce, fetchPage, swapRegions } from "./shared/regions.js";
import { follow } from "./shared/socket.js";
import { COUNT_CHANGED, tellViewers } from "./shared/viewers.js";

const EVERY_MS = 10_000;
// Every list hears of a stream in the same instant: they have a while to ask. What follows meanwhile is asked for once.
const SPREAD_MS = 1_000;

const root = document.querySelector("[data-live-list]");
const refreshSoon = coalesce(refresh, SPREAD_MS);
let asking = 0;
let hasFollowed = false;

startCountdowns();
follow(root.dataset.socket, { onSnapshot, onEvent, onState });
document.addEventListener("visibilitychange", () => asking && refreshIfSeen());

function onState(connection) {
  root.dataset.connection = connection;
  if (connection === "live") {
    clearInterval(asking);
    asking = 0;
  } else {
    asking ||= setInterval(refreshIfSeen, EVERY_MS);
  }
}

/** Something may have happened between the making of this page and the socket's first word, and while it was away. */
function onSnapshot({ streams }) {
  if (hasFollowed) refreshSoon();
  hasFollowed = true;
  streams.forEach(({ id, viewers }) => tellViewers(`stream:${id}`, viewers));
  const told = new Map(streams.map(({ channel, phase }) => [channel, phase]));
  const shown = [...root.querySelectorAll("[data-channel-card]")].filter(({ dataset }) => dataset.phase !== "offline");
  const isSame = shown.length === told.size && shown.every(({ dataset }) => told.get(dataset.channelCard) === dataset.phase);
  if (!isSame) refreshSoon();
}

function onEvent(type, { channel, phase, subject, viewers }) {
  if (type === COUNT_CHANGED) return tellViewers(subject, viewers);
  const card = root.querySelector(`[data-channel-card="${channel}"]`);
  if (!phase || card?.dataset.phase !== phase) refreshSoon();
}

function refreshIfSeen() {
  if (!document.hidden) refresh();
}

async function refresh() {
  const fresh = await fetchPage().catch(() => undefined);
  if (fresh) swapRegions(fresh);
  // The server is busy, or away for a moment: what was told must still be shown.
  else setTimeout(refreshSoon, EVERY_MS);
}
