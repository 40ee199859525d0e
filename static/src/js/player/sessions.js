// A playback session from the portal.
import { RequestFailed, sendJson } from "../shared/http.js";

// An answer that does not come must not keep the player from asking again.
const PATIENCE_MS = 15_000;

export async function openSession(playbackUrl) {
  const playback = await sendJson(playbackUrl, { method: "POST", signal: AbortSignal.timeout(PATIENCE_MS) });
  // Somebody between us and the portal answers in its place.
  if (typeof playback?.hls_url !== "string") throw new RequestFailed("The answer is no playback.");
  return playback;
}
