// Follow one subject over a socket: a snapshot first, then its events in order, across gaps and lost connections.
//
//   const following = follow("/ws/movies/meridian/", { onSnapshot, onEvent, onState });
//   following.ask();
//   following.close();
//
// onSnapshot(data) replaces what the page knows; onEvent(type, data) changes it; onState is told "live", "waiting"
// (trying again), "offline" (the browser has no network) or "gone" (the portal will not have us; it is final).

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
// A connection that held this long was a good one: the next attempt starts without patience.
const GOOD_AFTER_MS = 10_000;
// Thousands of pages may miss the same event; they do not all ask in the same instant.
const GAP_SPREAD_MS = 1_000;
// Bad frame, sign in, not allowed, unknown: asking again changes nothing.
const FINAL_CODES = new Set([4400, 4401, 4403, 4404]);

export function follow(path, { onSnapshot, onEvent, onState = () => {} }) {
  const listeners = new AbortController();
  let socket = null;
  let timer = 0;
  let attempts = 0;
  // The number of the last event that the page holds; null while a snapshot is due.
  let sequence = null;

  function connect() {
    const openedAt = performance.now();
    const own = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    socket = own;
    sequence = null;
    own.onmessage = ({ data }) => own === socket && receive(JSON.parse(data));
    own.onclose = ({ code }) => {
      if (own !== socket) return;
      if (performance.now() - openedAt > GOOD_AFTER_MS) attempts = 0;
      lose(code);
    };
  }

  function receive(envelope) {
    if (envelope.type === "snapshot") {
      sequence = envelope.seq;
      onState("live");
      onSnapshot(envelope.data);
    } else if (sequence === null || envelope.seq <= sequence) {
      return; // In the snapshot that is due, or in the one that we have.
    } else if (envelope.seq > sequence + 1) {
      recover();
    } else {
      sequence = envelope.seq;
      onEvent(envelope.type, envelope.data);
    }
  }

  /** Something was missed. Until the new snapshot is here, events are ignored: it will hold them. */
  function recover() {
    sequence = null;
    const asked = socket;
    later(Math.random() * GAP_SPREAD_MS, () => asked === socket && ask());
  }

  /** Ask for a snapshot: of what changes without an event, it has the latest. */
  function ask() {
    if (socket?.readyState === WebSocket.OPEN) socket.send('{"type": "snapshot.request"}');
  }

  function lose(code) {
    drop();
    if (FINAL_CODES.has(code)) {
      stop();
      onState("gone");
    } else if (!navigator.onLine) {
      onState("offline");
    } else {
      onState("waiting");
      const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempts++);
      later(ceiling * (0.5 + Math.random() / 2), connect);
    }
  }

  function drop() {
    clearTimeout(timer);
    const dropped = socket;
    socket = null;
    dropped?.close();
  }

  function later(delay, action) {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  }

  function reconnect() {
    drop();
    attempts = 0;
    connect();
  }

  function stop() {
    listeners.abort();
    drop();
  }

  const { signal } = listeners;
  addEventListener("online", reconnect, { signal });
  addEventListener("offline", () => lose(0), { signal });
  // A page in the browser's history keeps no socket, and gets a new one when it comes back.
  addEventListener("pagehide", drop, { signal });
  addEventListener("pageshow", ({ persisted }) => persisted && reconnect(), { signal });
  connect();
  return { close: stop, ask };
}
