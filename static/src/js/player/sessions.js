// A playback session from the portal.
import { RequestFailed, sendJson } from "../shared/http.js";

// An answer that does not come must not keep the player from asking again.
const PATIENCE_MS = 15_000;
// Nor must another tab that waits for one.
const TURN_WITHIN_MS = 2_000;
const TURN = "nova.session";

export async function openSession(playbackUrl) {
  const ask = () => sendJson(playbackUrl, { method: "POST", signal: AbortSignal.timeout(PATIENCE_MS) });
  const playback = await inTurn(ask);
  // Somebody between us and the portal answers in its place.
  if (typeof playback?.hls_url !== "string") throw new RequestFailed("The answer is no playback.");
  return playback;
}

/**
 * Ask when no other tab does. Those that wait for a broadcast ask at the same moment: the number by which a browser is
 * known comes with the first answer and goes with the second request, and it is one viewer and not two.
 */
async function inTurn(ask) {
  const endTurn = await myTurn();
  try {
    return await ask();
  } finally {
    endTurn();
  }
}

/** Wait for a turn, but not for long; return what ends it. Without a secure connection browsers have none to give. */
function myTurn() {
  return new Promise((begin) => {
    const beginWithout = () => begin(() => {});
    if (!navigator.locks) return beginWithout();
    const signal = AbortSignal.timeout(TURN_WITHIN_MS);
    navigator.locks.request(TURN, { signal }, () => new Promise((end) => begin(end))).catch(beginWithout);
  });
}
