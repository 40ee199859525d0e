// Everything that can go wrong with a film: the names that the page has words for, and that reports are counted by.
//
//   again      it is tried again by itself, at growing distances, until it works: the viewer need not do anything
//   canRetry   the viewer can have it tried at once
//   asksAnew   by a new request for playback, not with the addresses that the page holds
const FAILURES = {
  "manifest-missing": { again: true, canRetry: true, asksAnew: true },
  "manifest-forbidden": { again: false, canRetry: true, asksAnew: true },
  "manifest-unavailable": { again: true, canRetry: true, asksAnew: false },
  "segment-lost": { again: true, canRetry: true, asksAnew: false },
  "media-decode": { again: false, canRetry: true, asksAnew: false },
  "token-expired": { again: true, canRetry: true, asksAnew: true },
  "playback-revoked": { again: false, canRetry: true, asksAnew: true },
  offline: { again: true, canRetry: true, asksAnew: false },
  "window-ended": { again: false, canRetry: true, asksAnew: true },
  "not-ready": { again: true, canRetry: false, asksAnew: true },
  unsupported: { again: false, canRetry: false, asksAnew: false },
  unknown: { again: false, canRetry: true, asksAnew: true },
};

export function traitsOf(code) {
  return FAILURES[code] ?? FAILURES.unknown;
}

/**
 * Name what an answer of the origin means; `status` is 0 where none came, and `code` that of its problem, if it had one.
 * An edge of somebody else's refuses without a code: what it refuses after its time has expired.
 */
export function failureOfMedia({ status, code, isManifest, isPastTime }) {
  if (code === "playback-revoked") return code;
  if (code === "playback-token-expired" || (status === 403 && !code && isPastTime)) return "token-expired";
  if (!status && !navigator.onLine) return "offline";
  if (status === 401 || status === 403) return "manifest-forbidden";
  if (!isManifest) return "segment-lost";
  return status === 404 || status === 410 ? "manifest-missing" : "manifest-unavailable";
}

/** Name what it means that the portal gave no playback; `before` is why it was asked, "" at the beginning. */
export function failureOfSession({ status, code }, before) {
  if (code === "movie-not-ready" || code === "stream-not-playable") return "not-ready";
  if (code === "movie-not-available" || code === "stream-is-over") return "window-ended";
  if (!status) return navigator.onLine ? "manifest-unavailable" : "offline";
  if (status === 404 || status === 410) return gone(before);
  if (status === 401 || status === 403) return "manifest-forbidden";
  // A session that has expired stays so until the portal can be asked.
  return status === 429 || status >= 500 ? before || "manifest-unavailable" : "unknown";
}

/** The portal tells strangers of a film that is hidden, closed or deleted the same: that there is none. */
function gone(before) {
  return { "": "manifest-missing", "token-expired": "window-ended" }[before] ?? before;
}

/** Return the `code` of a problem (RFC 9457) in the body of a response; "" if it has none. */
export function codeOf(body) {
  try {
    const text = typeof body === "string" ? body : new TextDecoder().decode(body);
    return JSON.parse(text).code ?? "";
  } catch {
    return "";
  }
}
