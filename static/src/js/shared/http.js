// The one way a page talks to the portal: same origin, a correlation id, and the CSRF token where it is needed.

const CSRF_COOKIE = "csrftoken=";
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** The answer was a problem (RFC 9457), or nothing arrived at all; `message` can be shown to a person. */
export class RequestFailed extends Error {
  constructor(message, { status = 0, code = "", requestId = "", problem = null } = {}) {
    super(message);
    this.name = "RequestFailed";
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.problem = problem;
  }
}

export function newRequestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return the token of now: signing in again, in another window too, brings another than the page was given. */
export function csrfToken() {
  const kept = document.cookie.split("; ").find((cookie) => cookie.startsWith(CSRF_COOKIE));
  return kept?.slice(CSRF_COOKIE.length) ?? document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** Return what a problem says to a person; "" if it says nothing. */
export function wordsOf(problem) {
  const faults = (problem?.errors ?? []).map((fault) => fault.detail).join(" ");
  return problem?.detail || faults || problem?.title || "";
}

/** Send a request and return the Response; throw RequestFailed unless it is a success (or an opaque redirect). */
export async function send(url, { method = "GET", headers = {}, body, signal, redirect = "follow", keepalive } = {}) {
  const requestId = newRequestId();
  const all = new Headers(headers);
  all.set("X-Request-ID", requestId);
  if (!SAFE.has(method)) all.set("X-CSRFToken", csrfToken());
  let response;
  try {
    response = await fetch(url, { method, headers: all, body, signal, redirect, keepalive, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new RequestFailed(document.documentElement.dataset.offlineText || "No connection.", { requestId });
  }
  if (response.ok || response.type === "opaqueredirect") return response;
  throw await failureOf(response, requestId);
}

/** Send JSON, or nothing, and return the parsed answer; null for an empty one. */
export async function sendJson(url, { method = "GET", value, ...rest } = {}) {
  const headers = { Accept: "application/json", ...rest.headers };
  let body;
  if (value !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(value);
  }
  const response = await send(url, { ...rest, method, headers, body });
  try {
    const text = await response.text();
    return text ? JSON.parse(text) : null;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    // It broke off, or came from somebody between us and the portal who answers in its place.
    throw new RequestFailed(document.documentElement.dataset.offlineText || "No connection.");
  }
}

async function failureOf(response, sentId) {
  const requestId = response.headers.get("X-Request-ID") ?? sentId;
  const isProblem = (response.headers.get("Content-Type") ?? "").includes("json");
  const problem = isProblem ? await response.json().catch(() => null) : null;
  const message = wordsOf(problem) || `${response.status} ${response.statusText}`.trim();
  return new RequestFailed(message, { status: response.status, code: problem?.code ?? "", requestId, problem });
}
