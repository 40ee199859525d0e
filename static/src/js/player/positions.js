// Where the viewer left off: in this browser for everybody, and with the portal for those who have signed in.
import { sendJson } from "../shared/http.js";
import { recall, remember } from "./memory.js";

const NAME = "positions";
const MOST_FILMS = 100;
const EVERY_MS = 10_000;
// Less is no place to come back to.
const LEAST_S = 3;
// As `is_seen` in streaming/playback.py: nobody comes back for the credits.
const CREDITS_SHARE = 0.05;
const [SHORTEST_CREDITS_S, LONGEST_CREDITS_S] = [5, 300];

/** Return where to begin: where the address says, where the portal says, or where this browser says; 0 if nobody does. */
export function startingPosition(player) {
  const { playback, isSignedIn } = player;
  const asked = askedPosition(new URL(location.href).searchParams.get("t"));
  if (asked !== null) return asked < (playback.duration_s ?? Infinity) ? asked : 0;
  const kept = isSignedIn ? playback.position_s : (recall(NAME)?.[player.id]?.position_s ?? null);
  return kept !== null && isWorth(kept, playback.duration_s) ? kept : 0;
}

/** Read `?t=`: seconds, or 1h2m3s; null if it says nothing. */
function askedPosition(text) {
  const match = /^(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,6}(?:\.\d{1,3})?)s?)?$/.exec(text ?? "");
  if (!text || !match) return null;
  const [hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return hours * 3600 + minutes * 60 + seconds;
}

function isWorth(position, duration) {
  const credits = Math.min(Math.max((duration ?? 0) * CREDITS_SHARE, SHORTEST_CREDITS_S), LONGEST_CREDITS_S);
  return position >= LEAST_S && (!duration || position < duration - credits);
}

/** Keep the viewer's place from now on: now and then while the film plays, and whenever it stops. */
export function keepPosition(player) {
  const { video, root, signal } = player;
  let [keptAt, kept] = [performance.now(), null];

  function keep({ isLeaving = false } = {}) {
    const position = Math.round(player.position() * 10) / 10;
    if (!player.hasStarted || position === kept) return;
    [keptAt, kept] = [performance.now(), position];
    // A film that grows is longer than what there is of it, whose end is no end.
    const duration = player.playback.duration_s ?? video.duration;
    keepHere(player.id, position, duration);
    if (!player.isSignedIn || !root.dataset.positionUrl || !Number.isFinite(duration)) return;
    const value = { position_s: position, duration_s: Math.round(duration * 10) / 10 };
    // What is not kept now is kept the next time.
    sendJson(root.dataset.positionUrl, { method: "PUT", value, keepalive: isLeaving }).catch(() => {});
  }

  video.addEventListener("timeupdate", () => performance.now() - keptAt >= EVERY_MS && keep());
  for (const name of ["pause", "ended"]) video.addEventListener(name, () => keep());
  addEventListener("pagehide", () => keep({ isLeaving: true }), { signal });
  // On a phone this is the last that a page hears.
  document.addEventListener("visibilitychange", () => document.hidden && keep({ isLeaving: true }), { signal });
}

function keepHere(id, position, duration) {
  const { [id]: _, ...others } = recall(NAME) ?? {};
  const newest = Object.entries(others).sort(([, a], [, b]) => b.at - a.at);
  const kept = Object.fromEntries(newest.slice(0, MOST_FILMS - 1));
  if (isWorth(position, duration)) kept[id] = { position_s: position, at: Date.now() };
  remember(NAME, kept);
}
