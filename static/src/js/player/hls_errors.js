// What hls.js does when something cannot be loaded, where that is not what viewers want:
//
// - Texts that are missing would stop the picture.
// - A level that the viewer has chosen would be asked for again and again, without a pause.
// - A playlist that has no end yet is taken for a broadcast, in which hls.js plays on past what cannot be had. A film that
//   is still being packaged has no end yet either, and nothing of it may be skipped.
// - Where what is broken comes after what is not, hls.js would start the decoder anew for ever.
import Hls, { ErrorActionFlags, ErrorController, NetworkErrorAction } from "hls.js";
import { Mends } from "./mends.js";

const { ErrorDetails, ErrorTypes, Events } = Hls;
const OF_SEGMENTS = new Set([ErrorDetails.FRAG_LOAD_ERROR, ErrorDetails.FRAG_LOAD_TIMEOUT]);
const OF_LEVELS = new Set([...OF_SEGMENTS, ErrorDetails.LEVEL_LOAD_ERROR, ErrorDetails.LEVEL_LOAD_TIMEOUT]);
const { DoNothing, RetryRequest, SendAlternateToPenaltyBox } = NetworkErrorAction;
const { MoveAllAlternatesMatchingHost, None, ResetMediaSource } = ErrorActionFlags;
const MOST_TRIES_FOR_TEXTS = 3;
const DECODER_HEARD_OF_MS = 200;

export const NOT_PLAYABLE = new Set([
  ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR,
  ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR,
]);

export class PlayerErrors extends ErrorController {
  #tries = new Map();
  #mends = new Mends();

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

  /** Here hls.js does what it has decided on: stop after what is fatal, or start the decoder anew. */
  onErrorOut(event, data) {
    const { errorAction: action } = data;
    const startsAnew = Boolean(action?.flags & ResetMediaSource);
    if (startsAnew) action.flags &= ~ResetMediaSource;
    super.onErrorOut(event, data);
    if (startsAnew || (data.fatal && isOfMedia(data))) this.#mend(data);
  }

  /** Start the decoder anew, and leave it stopped where that has not helped. */
  #mend(data) {
    const { hls } = this;
    // The element may stand at 0 still, or at the end for a moment: that is where Chromium says that failed decoders are.
    const place_s = hls.config.placeOf();
    data.fatal = !this.#mends.isWorthAnother(place_s);
    hls.stopLoad();
    if (data.fatal) return;
    // A broadcast goes on behind what is broken.
    if (!hls.latestLevelDetails?.live || hls.config.skipsNothing) closeGaps(hls);
    hls.recoverMediaError();
    hls.startLoad(place_s);
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

function isOfMedia({ type, details }) {
  return type === ErrorTypes.MEDIA_ERROR && !NOT_PLAYABLE.has(details);
}

/** What hls.js has given up is asked for again. */
function closeGaps({ levels, audioTracks }) {
  const all = [...levels, ...audioTracks].flatMap(({ details }) => details?.fragments ?? []);
  for (const segment of all) segment.gap = false;
}

function goOn() {
  return { action: DoNothing, flags: None };
}

/** As where there is nothing else to turn to; but without a policy of retries, so that hls.js makes no gap of it. */
function giveUp() {
  return { action: SendAlternateToPenaltyBox, flags: MoveAllAlternatesMatchingHost };
}

/**
 * Tell hls.js of a decoder that has failed. It hears of that by the closing of the source, and Chromium does not close one
 * whose end is loaded.
 */
export function watchDecoder(hls, video) {
  const watching = new AbortController();
  const tell = () => {
    // By now hls.js has begun anew, where it has heard of it.
    if (watching.signal.aborted || hls.media !== video || !video.error) return;
    const error = new Error(video.error.message);
    const { MEDIA_ERROR: type } = ErrorTypes;
    hls.trigger(Events.ERROR, { type, details: ErrorDetails.MEDIA_SOURCE_REQUIRES_RESET, fatal: true, error });
  };
  video.addEventListener("error", () => setTimeout(tell, DECODER_HEARD_OF_MS), { signal: watching.signal });
  hls.on(Events.DESTROYING, () => watching.abort());
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
