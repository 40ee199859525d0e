// What the panel asks of the server besides the pieces themselves: which uploads are there, a new one, one less.
import { RequestFailed, send, sendJson } from "../shared/http.js";

const TUS = { "Tus-Resumable": "1.0.0" };
const NO_ROOM = 507;
const BUSY = 423;
const DELAYS_MS = [1000, 2000, 4000, 8000, 15000];

/** List one's unfinished uploads, the newest first. */
export function listUploads(endpoint) {
  return sendJson(endpoint);
}

export function readUpload(endpoint, id) {
  return sendJson(`${endpoint}${id}/`);
}

/** Announce a file and return the id of its upload. */
export async function announce(endpoint, { name, size, type, movie }) {
  const said = { filename: name, filetype: type, ...(movie ? { movie } : {}) };
  const metadata = Object.entries(said).map(([key, value]) => `${key} ${base64(value)}`);
  const headers = { ...TUS, "Upload-Length": String(size), "Upload-Metadata": metadata.join(",") };
  const answer = await send(endpoint, { method: "POST", headers });
  return answer.headers.get("Location").match(/([^/]+)\/?$/)[1];
}

/** Delete an upload and what was sent of it. One that is gone already is as good. */
export async function discard(endpoint, id) {
  try {
    await patiently(() => send(`${endpoint}${id}/`, { method: "DELETE", headers: TUS }));
  } catch (error) {
    if (!isGone(error.status)) throw error;
  }
}

/** Ask until there is an answer, less and less often; tell `onWait` each time that there was none. */
export async function patiently(ask, { onWait = () => {}, isWanted = () => true } = {}) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RequestFailed) || !isPassing(error.status) || !isWanted()) throw error;
      onWait();
      await new Promise((resolve) => setTimeout(resolve, DELAYS_MS[Math.min(attempt, DELAYS_MS.length - 1)]));
      if (!isWanted()) throw error;
    }
  }
}

/** Tell whether the same request may be answered otherwise in a while, and nobody has to do anything for it. */
export function isPassing(status, code = "") {
  const isServers = status >= 500 && status !== NO_ROOM;
  return !status || isServers || status === BUSY || status === 429 || status === 460 || code === "upload-offset-wrong";
}

export function isGone(status) {
  return status === 404 || status === 410;
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
