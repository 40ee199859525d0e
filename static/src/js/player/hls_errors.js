// What hls.js does when something cannot be loaded, where that is not what viewers want:
//
// - Texts that are missing would stop the picture.
// - A level that the viewer has chosen would be asked for again and again, without a pause.
// - A playlist that has no end yet is taken for a broadcast, in which hls.js plays on past what cannot be had. A film that
//   is still being packaged has no end yet either, and nothing of it may be skipped.
import Hls, { ErrorActionFlags, ErrorController, NetworkErrorAction } from "hls.js";

const { ErrorDetails, Events } = Hls;
const OF_SEGMENTS = new Set([ErrorDetails.FRAG_LOAD_ERROR, ErrorDetails.FRAG_LOAD_TIMEOUT]);
const OF_LEVELS = new Set([...OF_SEGMENTS, ErrorDetails.LEVEL_LOAD_ERROR, ErrorDetails.LEVEL_LOAD_TIMEOUT]);
const { DoNothing, RetryRequest, SendAlternateToPenaltyBox } = NetworkErrorAction;
const { MoveAllAlternatesMatchingHost, None } = ErrorActionFlags;
const MOST_TRIES_FOR_TEXTS = 3;

export class PlayerErrors extends ErrorController {
  #tries = new Map();

  onError(event, data) {
    if (data.frag?.type === "subtitle") return this.#judgeTexts(data);
    super.onError(event, data);
    const { errorAction: action, details, context } = data;
    if (!action || data.fatal) return;
    if (context?.type === "subtitleTrack") {
      if (action.retryCount >= action.retryConfig?.maxNumRetry) data.errorAction = goOn();
    } else if (action.action !== RetryRequest && this.#isFinal(action, details)) {
      data.errorAction = giveUp();
    }
  }

  #isFinal(action, details) {
    if (!this.hls.autoLevelEnabled) return OF_LEVELS.has(details);
    const isLastResort = action.flags & MoveAllAlternatesMatchingHost;
    return this.hls.config.skipsNothing && isLastResort && OF_SEGMENTS.has(details);
  }

  /** Try some times, and then take it for a gap: the texts go on behind it. */
  #judgeTexts(data) {
    const tries = (this.#tries.get(data.frag.url) ?? 0) + 1;
    this.#tries.set(data.frag.url, tries);
    data.errorAction = goOn();
    if (tries >= MOST_TRIES_FOR_TEXTS) data.details = ErrorDetails.FRAG_GAP;
  }
}

function goOn() {
  return { action: DoNothing, flags: None };
}

/** As where there is nothing else to turn to; but without a policy of retries, so that hls.js makes no gap of it. */
function giveUp() {
  return { action: SendAlternateToPenaltyBox, flags: MoveAllAlternatesMatchingHost };
}

export function grows({ is_whole: isWhole, is_live: isLive }) {
  return isWhole === false && !isLive;
}

/** Begin at `position`, also where the first segment is had at the second try only: a broadcast would begin elsewhere. */
export function beginAt(hls, position) {
  const tell = (_, { details }) => (details.startTimeOffset = position);
  hls.on(Events.LEVEL_LOADED, tell);
  hls.on(Events.AUDIO_TRACK_LOADED, tell);
}
