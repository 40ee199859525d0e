// A playback session from the portal.
import { sendJson } from "../shared/http.js";

// An answer that does not come must not keep the player from asking again.
const PATIENCE_MS = 15_000;

export function openSession(playbackUrl) {
  return sendJson(playbackUrl, { method: "POST", signal: AbortSignal.timeout(PATIENCE_MS) });
}
