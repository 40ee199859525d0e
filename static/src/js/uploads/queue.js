// The pieces on their way: Uppy's queue and its tus client, told where each upload is and when to try again.
import Uppy from "@uppy/core";
import Tus from "@uppy/tus";
import { csrfToken, newRequestId, wordsOf } from "../shared/http.js";
import { isPassing } from "./server.js";

// More at once would not be faster, and each is a piece that the server holds.
const AT_ONCE = 3;
// About an hour, as long as pieces do not come through: a server restarts, a train leaves its tunnel.
const RETRY_DELAYS_MS = [1000, 2000, 4000, 8000, ...Array(240).fill(15000)];

/** Make a queue. `tell` has onProgress(key, bytes), onBroken(key), onFailed(key, {words, status, code}), onDone(key). */
export function createQueue({ endpoint, pieceBytes, tell }) {
  const uppy = new Uppy({ id: "desk", autoProceed: true, onBeforeFileAdded: (file) => ({ ...file, id: file.meta.key }) });
  uppy.use(Tus, {
    chunkSize: pieceBytes,
    limit: AT_ONCE,
    retryDelays: RETRY_DELAYS_MS,
    storeFingerprintForResuming: false,
    allowedMetaFields: [],
    onBeforeRequest: prepare,
  });
  uppy.on("upload-progress", (file, { bytesUploaded }) => file && tell.onProgress(file.id, bytesUploaded));
  uppy.on("upload-success", (file) => tell.onDone(file.id));
  uppy.on("upload-error", (file, error, response) => {
    tell.onFailed(file.id, problemOf(response));
    // Uppy would try it again with the next file that comes.
    queueMicrotask(() => queue.drop(file.id));
  });
  const queue = {
    /** Send what is missing of an upload; `key` names it here. */
    start(key, file, id) {
      if (uppy.getFile(key)) this.drop(key);
      uppy.addFile({ name: file.name, type: file.type, data: file, meta: { key } });
      uppy.setFileState(key, { isPaused: false, tus: { uploadUrl: `${endpoint}${id}/`, onShouldRetry: retryOf(key) } });
    },
    has: (key) => Boolean(uppy.getFile(key)),
    pause(key) {
      if (uppy.getFile(key)?.isPaused === false) uppy.pauseResume(key);
    },
    resume(key) {
      if (uppy.getFile(key)?.isPaused) uppy.pauseResume(key);
    },
    /** Let go of the file without a word to the server: whether it is to forget as well is for others to say. */
    drop(key) {
      if (!uppy.getFile(key)) return;
      this.pause(key);
      const sender = uppy.getPlugin("Tus").uploaders[key];
      if (sender) sender.url = null;
      uppy.removeFile(key);
    },
  };
  return queue;

  function retryOf(key) {
    return (error, attempt, options, next) => {
      const { status, code } = problemOf({ body: { xhr: error.originalResponse?.getUnderlyingObject() } });
      if (!isPassing(status, code)) return false;
      tell.onBroken(key);
      // Uppy gives up at every 4xx that it does not know, and this is one of ours.
      return status === 460 || next(error);
    };
  }
}

function prepare(request) {
  request.setHeader("X-Request-ID", newRequestId());
  if (request.getMethod() !== "HEAD") request.setHeader("X-CSRFToken", csrfToken());
}

function problemOf(response) {
  const xhr = response?.body?.xhr;
  let problem = null;
  try {
    problem = JSON.parse(xhr.responseText);
  } catch {
    // Nobody answered, or somebody in between did.
  }
  return { status: xhr?.status ?? 0, code: problem?.code ?? "", words: wordsOf(problem) };
}
