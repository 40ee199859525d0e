// hls.js: the engine that most browsers play with.
import Hls from "hls.js";
import { Addresses } from "./addresses.js";
import { isAsked } from "./ahead.js";
import { offerAirPlay } from "./airplay.js";
import { expectedBandwidth, firstLevel, keepBandwidth } from "./bandwidth.js";
import { earlyLoader } from "./early_loader.js";
import { codeOf, failureOfMedia } from "./failures.js";
import { frameStats, qualityOf } from "./frame_stats.js";
import { beginAt, grows, NOT_PLAYABLE, PlayerErrors, watchDecoder } from "./hls_errors.js";
import { HlsTexts, TEXT_SETTINGS } from "./hls_texts.js";
import { LIVE_SETTINGS, LiveEdge } from "./live_edge.js";
import { ShownRate } from "./shown_rate.js";

const { Events, ErrorTypes, ErrorDetails } = Hls;
const Loader = earlyLoader(Hls.DefaultConfig.loader);
// Texts are missed without stopping the picture; and hls.js calls off itself what it needs no longer.
const NO_FAILURES = new Set([
  ErrorDetails.SUBTITLE_LOAD_ERROR,
  ErrorDetails.SUBTITLE_TRACK_LOAD_TIMEOUT,
  ErrorDetails.INTERNAL_ABORTED,
]);
// What hls.js calls it while it waits for an answer.
const ASKING = new Set(["FRAG_LOADING", "FRAG_LOADING_WAITING_RETRY", "WAITING_LEVEL", "WAITING_TRACK"]);
// Where hls.js begins by itself, or goes on.
const AT_THE_EDGE = -1;

export class HlsEngine extends EventTarget {
  kind = "hls.js";
  chosenLevel = -1;
  // Of a live broadcast; null of a film.
  edge = null;
  #video;
  #tell;
  #hls = null;
  #playback = null;
  #addresses = null;
  #failing = "";
  #received_bytes = 0;
  #shown = new ShownRate();
  #texts;
  // The sound that the viewer chose, in hls.js's own words: it stays chosen when the film begins anew.
  #preferred = {};

  /**
   * `tell.trouble(code, {detail, isTrying})` hears what goes wrong, `tell.flowing()` that media comes again;
   * `tell.place()` is where the viewer is.
   */
  constructor(video, tell) {
    super();
    this.#video = video;
    this.#tell = tell;
    this.#texts = new HlsTexts(video, () => this.dispatchEvent(new Event("text")));
  }

  static isSupported() {
    return Hls.isSupported();
  }

  /** Begin with a playback, or begin anew with another. */
  load(playback, position) {
    this.destroy();
    this.#playback = playback;
    const addresses = (this.#addresses = new Addresses(playback));
    this.#hls = new Hls({ ...configuration(playback, addresses), ...this.#preferred, placeOf: this.#tell.place });
    this.edge = playback.is_live ? new LiveEdge(this.#video, this.#hls, playback) : null;
    this.#failing = "";
    this.#texts.begin(this.#hls, { isLive: playback.is_live });
    this.#listen(this.#hls, position);
    watchDecoder(this.#hls, this.#video);
    if (grows(playback)) beginAt(this.#hls, position);
    this.#hls.loadSource(playback.hls_url);
    this.#hls.attachMedia(this.#video);
  }

  /** Go on with another session with the same package; return false if it has to begin anew. */
  renew(playback) {
    if (!this.#hls) return false;
    this.#playback = playback;
    this.#addresses.renew(playback);
    offerAirPlay(this.#video, playback.hls_url);
    return true;
  }

  /** Go on after trouble at a position, with what is in the buffer; return false if it has to begin anew. */
  resume(position) {
    if (!this.#hls?.levels.length) return false;
    // Before anything has been played, hls.js would begin at the beginning.
    this.#hls.startLoad(this.edge ? AT_THE_EDGE : position);
    return true;
  }

  /** Whether something is on its way, as far as anybody knows. */
  get isAsking() {
    const { levels, inFlightFragments: parts } = this.#hls ?? {};
    // Another screen loads by itself.
    if (!levels?.length || this.#video.webkitCurrentPlaybackTargetIsWireless) return true;
    return [parts.main, parts.audio].some((part) => ASKING.has(part?.state));
  }

  levels() {
    return (this.#hls?.levels ?? []).map(({ width, height, bitrate, videoCodec }, index) => ({
      index,
      width,
      height,
      bitrate,
      codec: videoCodec ?? "",
      name: qualityOf({ width, height }),
    }));
  }

  get level() {
    return this.#hls?.currentLevel ?? -1;
  }

  chooseLevel(index) {
    this.chosenLevel = index;
    if (this.#hls) this.#hls.nextLevel = index;
    this.dispatchEvent(new Event("level"));
  }

  audioTracks() {
    return (this.#hls?.audioTracks ?? []).map(({ name, lang }, index) => ({ index, label: name, language: lang ?? "" }));
  }

  get audioTrack() {
    return this.#hls?.audioTrack ?? -1;
  }

  chooseAudioTrack(index) {
    const track = this.#hls?.audioTracks[index];
    if (!track) return;
    this.#preferred.audioPreference = { lang: track.lang, name: track.name };
    this.#hls.audioTrack = index;
  }

  textTracks() {
    return this.#texts.list();
  }

  get textTrack() {
    return this.#texts.chosen;
  }

  chooseTextTrack(index) {
    this.#texts.choose(index);
  }

  stats() {
    const level = this.#hls?.levels[this.level];
    return {
      ...frameStats(this.#video),
      engine: `hls.js ${Hls.version}`,
      bitrate: level?.bitrate ?? 0,
      shown_bps: this.#shown.of(`main ${this.level}`, `audio ${this.audioTrack}`),
      quality: level ? qualityOf(level) : "",
      received_bytes: this.#received_bytes,
      bandwidth: Math.round(this.#hls?.bandwidthEstimate ?? 0),
      codecs: level?.attrs?.CODECS ?? "",
      latency_s: this.edge?.latency_s,
    };
  }

  destroy() {
    this.edge?.stop();
    this.#texts.end();
    this.#hls?.destroy();
    this.#hls = null;
  }

  #listen(hls, position) {
    hls.on(Events.MANIFEST_PARSED, () => {
      hls.startLevel = this.#firstLevel();
      hls.startLoad(this.edge ? AT_THE_EDGE : position);
      this.dispatchEvent(new Event("levels"));
    });
    const retold = {
      [Events.LEVEL_SWITCHED]: "level",
      [Events.AUDIO_TRACKS_UPDATED]: "audio",
      [Events.AUDIO_TRACK_SWITCHED]: "audio",
    };
    for (const [event, name] of Object.entries(retold)) hls.on(event, () => this.dispatchEvent(new Event(name)));
    hls.on(Events.MEDIA_ATTACHING, () => offerAirPlay(this.#video, this.#playback.hls_url));
    hls.on(Events.FRAG_LOADED, (_, { frag, part }) => this.#count(frag, part ?? frag));
    hls.on(Events.FRAG_BUFFERED, (_, { frag }) => this.#arrived(frag));
    hls.on(Events.ERROR, (_, data) => this.#judge(data));
  }

  #firstLevel() {
    const levels = this.levels();
    if (this.chosenLevel >= levels.length) this.chosenLevel = -1;
    if (this.chosenLevel >= 0) this.#hls.nextLevel = this.chosenLevel;
    if (this.chosenLevel >= 0) return this.chosenLevel;
    const early = this.#hls.levels.findIndex(({ uri }) => isAsked(uri));
    return early >= 0 ? early : Math.min(firstLevel(levels), this.#largestUseful());
  }

  /** A larger picture than there are pixels would be asked for, and left at once. */
  #largestUseful() {
    const { capLevelController } = Hls.DefaultConfig;
    const [width, height] = [this.#video.clientWidth, this.#video.clientHeight].map((css) => css * devicePixelRatio);
    const largest = capLevelController.getMaxLevelByMediaSize(this.#hls.levels, width, height);
    return largest >= 0 ? largest : Infinity;
  }

  #count({ type, level }, { stats, duration }) {
    this.#received_bytes += stats.loaded;
    this.#shown.note(`${type} ${level}`, stats.loaded, duration);
  }

  #arrived(frag) {
    if (frag.gap && frag.type !== "subtitle" && !this.#playback.is_live) return this.#miss(frag);
    keepBandwidth(this.#hls.bandwidthEstimate);
    // Sound that arrives does not mean that the picture does.
    if (this.#failing && this.#failing !== frag.type) return;
    this.#failing = "";
    if (frag.type !== "subtitle") this.#tell.flowing();
  }

  /** Nothing of a segment that came can be played: hls.js says nothing, and would play on behind it. */
  #miss(frag) {
    const error = new Error("nothing of it can be played");
    const { MEDIA_ERROR: type } = ErrorTypes;
    this.#hls.trigger(Events.ERROR, { type, details: ErrorDetails.FRAG_PARSING_ERROR, fatal: true, error, frag });
  }

  #judge(data) {
    if (NO_FAILURES.has(data.details) || data.frag?.type === "subtitle") return;
    const detail = `${data.details} ${data.response?.code ?? ""} ${data.reason ?? data.error?.message ?? ""}`.trim();
    if (NOT_PLAYABLE.has(data.details)) {
      if (data.fatal) this.#tell.trouble("unsupported", { detail });
    } else if (data.type === ErrorTypes.NETWORK_ERROR) {
      this.#judgeNetwork(data, detail);
    } else if (data.frag?.gap && !this.#playback.is_live) {
      this.#giveUp("media-decode", detail);
    } else if (data.fatal) {
      this.#giveUp(data.type === ErrorTypes.MEDIA_ERROR ? "media-decode" : "unknown", detail);
    }
  }

  #judgeNetwork(data, detail) {
    const isManifest = !data.frag;
    const status = data.response?.code ?? 0;
    const code = codeOf(data.networkDetails && bodyOf(data.networkDetails));
    const isPastTime = this.#playback.lifetime.isOver;
    this.#failing = data.frag?.type ?? "";
    const failure = failureOfMedia({ status, code, isManifest, isPastTime });
    this.#tell.trouble(failure, { detail, isTrying: !data.fatal });
  }

  #giveUp(code, detail) {
    this.#hls.stopLoad();
    this.#tell.trouble(code, { detail });
  }
}

function configuration(playback, addresses) {
  const { is_live: isLive } = playback;
  const retries = (most) => ({
    maxNumRetry: most,
    retryDelayMs: 500,
    maxRetryDelayMs: 4_000,
    backoff: "exponential",
    shouldRetry: (_, count, isTimeout, response) => count < most && (isTimeout || isWorthAnother(response?.code ?? 0)),
  });
  const policy = (most, firstByteMs, wholeMs) => ({
    default: {
      maxTimeToFirstByteMs: firstByteMs,
      maxLoadTimeMs: wholeMs,
      timeoutRetry: retries(Math.min(most, 2)),
      errorRetry: retries(most),
    },
  });
  const bandwidth = expectedBandwidth();
  return {
    loader: Loader,
    autoStartLoad: false,
    // The segment that is tested with would be thrown away, and the picture come later by as much.
    testBandwidth: false,
    abrEwmaDefaultEstimate: bandwidth,
    abrEwmaDefaultEstimateMax: bandwidth,
    startFragPrefetch: true,
    // What the viewer has chosen stays chosen: the menu says so.
    preserveManualLevelOnError: true,
    // What we play are fragments of MP4, which nothing has to be done to.
    enableWorker: false,
    capLevelToPlayerSize: true,
    maxBufferLength: 30,
    maxMaxBufferLength: 60,
    backBufferLength: 60,
    manifestLoadPolicy: policy(1, 10_000, 20_000),
    playlistLoadPolicy: policy(2, 10_000, 20_000),
    fragLoadPolicy: policy(3, 10_000, 60_000),
    errorController: PlayerErrors,
    skipsNothing: grows(playback),
    ...TEXT_SETTINGS,
    ...(isLive && LIVE_SETTINGS),
    xhrSetup: (request, url) => request.open("GET", addresses.of(url)),
  };
}

/** hls.js gives up where no answer came at all: a line that was lost for a moment looks like that. */
function isWorthAnother(status) {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

function bodyOf(request) {
  // Reading the text of a request for bytes is an error.
  if (request.readyState !== 4) return "";
  return request.responseType === "" || request.responseType === "text" ? request.responseText : request.response;
}
