// The page of a channel follows what its broadcaster does: the player comes when there is something to play, stays
// while the connection is lost, and goes when all that was sent has been seen.
import { enhanceSharing } from "./shared/sharing.js";
import { follow } from "./shared/socket.js";
import { announce } from "./shared/toasts.js";

const PLAYER = "section[data-player]";
// Longer than what a player has in its buffer near the edge: who went back sees the rest, and says by that that it plays.
const LAST_PICTURE_MS = 8_000;

const root = document.querySelector("[data-channel]");
const screen = root?.querySelector("[data-live-screen]");
const veil = root?.querySelector("[data-live-veil]");
let leaving = 0;

if (root) {
  follow(root.dataset.socket, {
    onSnapshot: ({ stream }) => show(stream),
    onEvent: (_, stream) => show(stream),
    onState,
  });
  enhanceSharing();
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

/** Let what has come still be seen to its last picture. */
function leaveSoon() {
  clearTimeout(leaving);
  const video = screen.querySelector(`${PLAYER} video`);
  if (!video || video.ended || video.readyState < 2) return leave();
  video.addEventListener("ended", leave, { once: true });
  leaving = setTimeout(() => video.paused || leaveWhenDry(video), LAST_PICTURE_MS);
}

/** Somebody who went back plays on; a player that waits for what will not come does not. */
function leaveWhenDry(video) {
  if (video.readyState < 3) leave();
  else leaving = setTimeout(() => leaveWhenDry(video), LAST_PICTURE_MS);
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
