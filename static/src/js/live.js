// The page of a channel follows what its broadcaster does: the player comes when there is something to play, stays
// while the connection is lost, and goes when all that was sent has been seen.
import { startCountdowns } from "./shared/countdowns.js";
import { coalesce, fetchPage, swapRegions } from "./shared/regions.js";
import { enhanceSharing } from "./shared/sharing.js";
import { follow } from "./shared/socket.js";
import { announce } from "./shared/toasts.js";
import { COUNT_CHANGED, tellViewers, turnTo } from "./shared/viewers.js";

const PLAYER = "section[data-player]";
const VIEWERS = "[data-live-viewers] [data-viewers]";
// What has run dry for so many looks will get no more.
const LOOK_MS = 500;
const DRY_LOOKS = 4;
const HAVE_FUTURE_DATA = 3;

const root = document.querySelector("[data-channel]");
const screen = root?.querySelector("[data-live-screen]");
const veil = root?.querySelector("[data-live-veil]");
const refreshPlansSoon = coalesce(async () => {
  const fresh = await fetchPage().catch(() => null);
  if (fresh) swapRegions(fresh);
});
let leaving = 0;
let knownPlans = null;

if (root) {
  follow(root.dataset.socket, { onSnapshot, onEvent, onState });
  enhanceSharing();
  startCountdowns();
}

function onSnapshot({ stream, plans }) {
  show(stream);
  if (stream) tellViewers(subjectOf(stream), stream.viewers);
  // What was announced while the line was down.
  const told = JSON.stringify(plans);
  if (knownPlans !== null && told !== knownPlans) refreshPlansSoon();
  knownPlans = told;
}

function onEvent(type, data) {
  if (type === COUNT_CHANGED) tellViewers(data.subject, data.viewers);
  else if (type.startsWith("stream_plan.")) refreshPlansSoon();
  else show(data);
}

function onState(connection) {
  root.dataset.connection = connection;
  if (connection !== "gone") return;
  leave();
  root.hidden = true;
  document.querySelector("[data-channel-gone]").hidden = false;
}

/** Show where a stream stands; null where the channel has had none. */
function show(stream) {
  // Words of an event have no phase: they are of what broadcasters see.
  if (stream && !stream.phase) return;
  showAnnounced(stream);
  if (stream) document.querySelectorAll(VIEWERS).forEach((place) => turnTo(place, subjectOf(stream)));
  const isOver = !stream || stream.phase === "ended" || stream.phase === "failed";
  const before = root.dataset.phase;
  // Whoever opens the page after the end was not there: for them it is off air.
  const phase = isOver && before === "offline" ? "offline" : (stream?.phase ?? "offline");
  root.dataset.phase = phase;
  if (phase !== before) tell(phase);
  if (isOver) leaveSoon();
  else if (stream.playable_at) play(stream.id);
  else veil.hidden = screen.querySelector(PLAYER) !== null;
}

function subjectOf(stream) {
  return `stream:${stream.id}`;
}

/** Show what a stream was announced as; what has begun is not to come any more. */
function showAnnounced(stream) {
  for (const place of document.querySelectorAll("[data-stream-title]")) {
    place.textContent = stream && !stream.ended_at ? stream.title : "";
  }
  if (!stream?.plan || stream.ended_at) return;
  document.querySelectorAll(`[data-plan="${stream.plan}"]`).forEach((place) => place.remove());
}

/** Put the player on the screen, unless it plays that stream already. */
function play(id) {
  clearTimeout(leaving);
  if (root.dataset.stream === id && screen.querySelector(PLAYER)) return;
  leave();
  root.dataset.stream = id;
  const spare = document.importNode(root.querySelector("[data-live-spare]").content, true);
  const player = spare.querySelector(PLAYER);
  player.dataset.playbackUrl = `/api/v1/streams/${id}/playback/`;
  screen.prepend(spare);
  veil.hidden = true;
  player.dispatchEvent(new CustomEvent("player-raised", { bubbles: true }));
}

/** Let what has come still be seen to its last picture, which is hours away for those who went back. */
function leaveSoon(dryLooks = 0) {
  clearTimeout(leaving);
  const video = screen.querySelector(`${PLAYER} video`);
  if (!video || video.ended || dryLooks >= DRY_LOOKS) return leave();
  const isDry = !video.paused && video.readyState < HAVE_FUTURE_DATA;
  leaving = setTimeout(() => leaveSoon(isDry ? dryLooks + 1 : 0), LOOK_MS);
}

function leave() {
  clearTimeout(leaving);
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  screen.querySelector(PLAYER)?.remove();
  veil.hidden = false;
  document.dispatchEvent(new CustomEvent("player-left"));
}

function tell(phase) {
  const note = veil.querySelector(`[data-for="${phase}"] h2`);
  if (note) announce(note.textContent);
}
