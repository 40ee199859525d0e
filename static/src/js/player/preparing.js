// A film that is still being prepared: how far it is, and the moment when it can be played.
import { RequestFailed } from "../shared/http.js";
import { follow } from "../shared/socket.js";
import { failureOfSession } from "./failures.js";
import { openSession } from "./sessions.js";

const FIRST_PAUSE_MS = 3_000;
// Whoever opens the page of a film that waits in a long queue keeps it open for hours.
const LONGEST_PAUSE_MS = 60_000;
const SLOWER = 1.1;

/**
 * Ask for playback until there is one, and tell `onPlayable(playback)`. `onFailure(code, problem)` is told each time why
 * there is none yet, and how far it is. `slug` is that of a film, null for a broadcast. Return `ask`, which asks at once, and `stop`.
 */
export function awaitPlayback({ playbackUrl, slug, onPlayable, onFailure }) {
  let [timer, pause] = [0, FIRST_PAUSE_MS];
  let [isAsking, isNews, isOver] = [false, false, false];
  let following = null;

  function listen() {
    // Pages of broadcasts follow them by themselves.
    if (!slug) return;
    following ??= follow(`/ws/movies/${slug}/`, {
      onSnapshot() {},
      onEvent: (type) => type === "movie.became_playable" && ask(),
    });
  }

  async function ask() {
    clearTimeout(timer);
    isNews = isAsking;
    if (isAsking || isOver) return;
    isAsking = true;
    const playback = await askOnce(playbackUrl, (...failure) => isOver || onFailure(...failure));
    isAsking = false;
    if (isOver) return;
    if (playback) {
      stop();
      onPlayable(playback);
    } else {
      listen();
      pause = Math.min(pause * SLOWER, LONGEST_PAUSE_MS);
      // What was heard while the portal answered may be newer than its answer.
      timer = setTimeout(ask, isNews ? 0 : pause);
    }
  }

  function stop() {
    isOver = true;
    clearTimeout(timer);
    following?.close();
  }

  ask();
  return { ask, stop };
}

async function askOnce(playbackUrl, onFailure) {
  try {
    return await openSession(playbackUrl);
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    onFailure(failureOfSession(error, ""), error.problem);
    return null;
  }
}
