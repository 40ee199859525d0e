// The list of the channels that somebody runs: each is followed, for who watches it and for what begins and ends.
import { coalesce, fetchPage, swapRegions } from "./shared/regions.js";
import { follow } from "./shared/socket.js";
import { COUNT_CHANGED, tellViewers } from "./shared/viewers.js";

// Who runs more of them looks at the first ones: those that are on air.
const MOST_FOLLOWED = 20;

const followed = new Map();
const refreshSoon = coalesce(async () => {
  const fresh = await fetchPage().catch(() => null);
  if (!fresh) return;
  swapRegions(fresh);
  followCards();
});

followCards();

function followCards() {
  const shown = [...document.querySelectorAll("[data-channel-socket]")].slice(0, MOST_FOLLOWED);
  const paths = new Set(shown.map(({ dataset }) => dataset.channelSocket));
  for (const [path, following] of followed) {
    if (paths.has(path)) continue;
    following.close();
    followed.delete(path);
  }
  for (const path of paths) {
    if (followed.has(path)) continue;
    followed.set(path, follow(path, { onSnapshot: (data) => onSnapshot(path, data), onEvent }));
  }
}

/** Something may have happened between the making of this page and the socket's first word, and while it was away. */
function onSnapshot(path, { stream }) {
  const card = document.querySelector(`[data-channel-socket="${path}"]`);
  const isOnAir = stream !== null && stream.ended_at === null;
  if (isOnAir !== "onAir" in card.dataset) refreshSoon();
  if (stream) tellViewers(`stream:${stream.id}`, stream.viewers);
}

function onEvent(type, { subject, viewers }) {
  if (type === COUNT_CHANGED) tellViewers(subject, viewers);
  else if (type.startsWith("stream.")) refreshSoon();
}
