// The browser's own HLS: it chooses the quality by itself, and tells little of what it does.
import { frameStats, qualityOf } from "./frame_stats.js";
import { NativeEdge } from "./other_edges.js";
import { probeFailure } from "./probing.js";

const TYPE = "application/vnd.apple.mpegurl";

export class NativeEngine extends EventTarget {
  kind = "native";
  chosenLevel = -1;
  level = -1;
  // Of a live broadcast; null of a film.
  edge = null;
  #video;
  #tell;
  #playback = null;
  #listeners = new AbortController();

  constructor(video, tell) {
    super();
    this.#video = video;
    this.#tell = tell;
    const { signal } = this.#listeners;
    video.addEventListener("error", () => this.#judge(), { signal });
    video.addEventListener("playing", () => tell.flowing(), { signal });
    video.addEventListener("loadedmetadata", () => this.#retell(), { signal });
    for (const tracks of [video.textTracks, video.audioTracks]) {
      for (const event of ["addtrack", "change"]) tracks?.addEventListener(event, () => this.#retell(), { signal });
    }
  }

  static isSupported(video) {
    return video.canPlayType(TYPE) !== "";
  }

  load(playback, position) {
    this.#playback = playback;
    this.edge = playback.is_live ? new NativeEdge(this.#video) : null;
    this.#video.src = playback.hls_url;
    if (!position) return;
    const seek = () => (this.#video.currentTime = position);
    this.#video.addEventListener("loadedmetadata", seek, { once: true, signal: this.#listeners.signal });
  }

  /** It keeps to the addresses that it has. */
  renew() {
    return false;
  }

  resume() {
    return false;
  }

  /** What is on its way, the browser does not tell. */
  get isAsking() {
    return true;
  }

  levels() {
    return [];
  }

  chooseLevel() {}

  audioTracks() {
    return [...(this.#video.audioTracks ?? [])].map(({ label, language }, index) => ({ index, label, language }));
  }

  get audioTrack() {
    return [...(this.#video.audioTracks ?? [])].findIndex(({ enabled }) => enabled);
  }

  chooseAudioTrack(chosen) {
    [...(this.#video.audioTracks ?? [])].forEach((track, index) => (track.enabled = index === chosen));
  }

  textTracks() {
    return this.#texts().map(({ label, language, kind }, index) => ({ index, label, language, kind, isDefault: false }));
  }

  get textTrack() {
    return this.#texts().findIndex(({ mode }) => mode === "showing");
  }

  chooseTextTrack(chosen) {
    this.#texts().forEach((track, index) => (track.mode = index === chosen ? "showing" : "disabled"));
  }

  stats() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    return {
      ...frameStats(this.#video),
      engine: "native",
      bitrate: 0,
      shown_bps: 0,
      quality: qualityOf({ width, height }),
      bandwidth: 0,
      codecs: "",
      latency_s: this.edge?.latency_s,
    };
  }

  destroy() {
    this.#listeners.abort();
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  #texts() {
    return [...this.#video.textTracks].filter(({ kind }) => kind === "captions" || kind === "subtitles");
  }

  #retell() {
    for (const name of ["levels", "audio", "text"]) this.dispatchEvent(new Event(name));
  }

  /** The element tells no more than that it failed; what the origin says to the same request tells why. */
  async #judge() {
    const { error } = this.#video;
    if (!error || !this.#playback) return;
    const detail = `${error.code} ${error.message}`;
    const found = await probeFailure(this.#playback, this.#playback.hls_url);
    const guess = error.code === MediaError.MEDIA_ERR_NETWORK ? "segment-lost" : "media-decode";
    this.#tell.trouble(found || guess, { detail });
  }
}
