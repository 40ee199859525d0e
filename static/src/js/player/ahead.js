// What was asked for before the player's script was here, until the engine takes it. The two scripts meet on the window:
// a module that both import would be a file of its own, which the film would wait for.

const asked = (globalThis[Symbol.for("nova.ahead")] ??= new Map());
const PATIENCE_MS = { text: 10_000, arraybuffer: 20_000 };
// What nobody has taken by then nobody will; and playlists of a film that grows are out of date.
const KEPT_MS = 10_000;

/** Ask for what the engine will know by `url`; `address` is where it is had. */
export function ask(url, type, address = url) {
  const request = new XMLHttpRequest();
  const early = { request, askedAt: performance.now(), firstAt: 0, endAt: 0 };
  request.open("GET", address);
  request.responseType = type;
  request.timeout = PATIENCE_MS[type];
  request.addEventListener("readystatechange", () => (early.firstAt ||= performance.now()));
  request.addEventListener("loadend", () => {
    early.endAt = performance.now();
    setTimeout(() => asked.delete(url), KEPT_MS);
  });
  request.send();
  asked.set(url, early);
  return request;
}

export function isAsked(url) {
  return asked.has(url);
}

/** Return what was asked for under this address, and forget it; undefined if nothing was. */
export function take(url) {
  const early = asked.get(url);
  asked.delete(url);
  return early;
}
