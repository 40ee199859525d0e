// MPEG-DASH through dash.js, which is fetched only where it is used: it is larger than everything else on the page.
import { Addresses } from "./addresses.js";
import { expectedBandwidth, keepBandwidth } from "./bandwidth.js";
import { codeOf, failureOfMedia } from "./failures.js";
import { frameStats, qualityOf } from "./frame_stats.js";
import { Mends } from "./mends.js";
import { DashEdge } from "./other_edges.js";
import { probeFailure } from "./probing.js";
import { ShownRate } from "./shown_rate.js";

// The numbers of dash.js's errors. What it has no number for, and what is not here, is unknown.
// The manifest cannot be had, or not be read.
const OF_MANIFEST = new Set([10, 11, 25, 31]);
const OF_SEGMENTS = new Set([15, 17, 18, 26, 27, 28]);
// No Media Source Extensions, no keys, no streams that this browser plays, or streams of a kind that dash.js does not.
const NOT_PLAYABLE = new Set([23, 24, 32, 34, 35]);
// The clock of live streams, and texts: the picture goes on without.
const HARMLESS = new Set([16, 33]);
const UNDER_WAY = { state: "loading" };
const RETOLD = { streamInitialized: ["levels", "audio", "text"], qualityChangeRendered: ["level"] };

export class DashEngine extends EventTarget {
  kind = "dash.js";
  chosenLevel = -1;
  // Of a live broadcast; null of a film.
  edge = null;
  #video;
  #tell;
  #library = null;
  #mends = null;
  #player = null;
  #playback = null;
  #addresses = null;
  #loads = 0;
  #received_bytes = 0;
  #shown = new ShownRate();
  #listeners = new AbortController();

  constructor(video, tell) {
    super();
    this.#video = video;
    this.#tell = tell;
    video.addEventListener("error", () => this.#judgeElement(), { signal: this.#listeners.signal });
  }

  static isSupported() {
    return "MediaSource" in self;
  }

  async load(playback, position) {
    const load = ++this.#loads;
    this.#playback = playback;
    this.#mends = new Mends();
    // A film that grows has no manifest yet.
    if (!playback.dash_url) return this.#tell.trouble("not-ready", {});
    this.#library ??= await this.#fetchLibrary();
    if (this.#library && load === this.#loads) this.#begin(position);
  }

  #begin(position) {
    // It may have been renewed since it was loaded.
    const playback = this.#playback;
    this.#player?.destroy();
    this.#player = this.#library.MediaPlayer().create();
    const addresses = (this.#addresses = new Addresses(playback));
    this.#player.updateSettings(settings(playback));
    this.edge = playback.is_live ? new DashEdge(this.#player) : null;
    this.#player.addRequestInterceptor((request) => moved(request, addresses));
    this.#listen(this.#library.MediaPlayer.events);
    const plays = !this.#video.paused;
    // dash.js asks for the manifest again from the moment when it sees the element begin to play.
    if (playback.is_live) this.#video.pause();
    this.#player.initialize(this.#video, playback.dash_url, plays, playback.is_live ? Number.NaN : position);
  }

  async #fetchLibrary() {
    try {
      return (await import("dashjs")).default;
    } catch (error) {
      this.#tell.trouble("manifest-unavailable", { detail: error.message });
      return null;
    }
  }

  /** Go on with another session with the same package; return false if it has to begin anew. */
  renew(playback) {
    if (!this.#addresses) return false;
    this.#playback = playback;
    this.#addresses.renew(playback);
    return true;
  }

  resume() {
    return false;
  }

  /** Whether something is on its way, as far as anybody knows. */
  get isAsking() {
    const stream = this.#player?.isReady() && this.#player.getActiveStream();
    if (!stream) return true;
    return stream.getStreamProcessors().some((kind) => kind.getFragmentModel().getRequests(UNDER_WAY).length > 0);
  }

  levels() {
    return this.#representations().map(({ width, height, bitrateInKbit, codecs }, index) => ({
      index,
      width,
      height,
      bitrate: Math.round(bitrateInKbit * 1000),
      codec: codecs ?? "",
      name: qualityOf({ width, height }),
    }));
  }

  get level() {
    const id = this.#playing()?.id;
    return this.#representations().findIndex((representation) => representation.id === id);
  }

  chooseLevel(index) {
    this.chosenLevel = index;
    this.#player?.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: index < 0 } } } });
    if (index >= 0) this.#player?.setRepresentationForTypeByIndex("video", index, true);
    this.dispatchEvent(new Event("level"));
  }

  audioTracks() {
    return this.#tracks("audio").map((track, index) => ({ index, label: labelOf(track), language: track.lang ?? "" }));
  }

  get audioTrack() {
    const { index } = this.#player?.getCurrentTrackFor("audio") ?? {};
    return this.#tracks("audio").findIndex((track) => track.index === index);
  }

  chooseAudioTrack(index) {
    this.#player?.setCurrentTrack(this.#tracks("audio")[index]);
    this.dispatchEvent(new Event("audio"));
  }

  textTracks() {
    return this.#tracks("text").map((track, index) => ({
      index,
      label: labelOf(track),
      language: track.lang ?? "",
      kind: (track.roles ?? []).some(({ value }) => value === "caption") ? "captions" : "subtitles",
      isDefault: (track.roles ?? []).some(({ value }) => value === "main"),
    }));
  }

  get textTrack() {
    return this.#player?.isTextEnabled() ? this.#player.getCurrentTextTrackIndex() : -1;
  }

  chooseTextTrack(index) {
    this.#player?.enableText(index >= 0);
    this.#player?.setTextTrack(index);
    this.dispatchEvent(new Event("text"));
  }

  stats() {
    const playing = this.#playing();
    return {
      ...frameStats(this.#video),
      engine: `dash.js ${this.#player?.getVersion() ?? ""}`.trim(),
      bitrate: Math.round((playing?.bitrateInKbit ?? 0) * 1000),
      shown_bps: this.#shown.of(playing?.id, this.#playing("audio")?.id),
      quality: playing ? qualityOf(playing) : "",
      received_bytes: this.#received_bytes,
      bandwidth: Math.round((this.#player?.getAverageThroughput("video") || 0) * 1000),
      codecs: playing?.codecs ?? "",
      latency_s: this.edge?.latency_s,
    };
  }

  destroy() {
    this.#listeners.abort();
    this.#loads += 1;
    this.#player?.destroy();
    this.#player = this.#addresses = this.edge = null;
  }

  /** Before its first segment, dash.js has nothing that it could be asked about. */
  #representations() {
    return (this.#player?.isReady() && this.#player.getRepresentationsByType("video")) || [];
  }

  #playing(type = "video") {
    return (this.#player?.isReady() && this.#player.getCurrentRepresentationForType(type)) || null;
  }

  #tracks(type) {
    return (this.#player?.isReady() && this.#player.getTracksFor(type)) || [];
  }

  #listen(events) {
    const player = this.#player;
    for (const [event, names] of Object.entries(RETOLD)) {
      player.on(event, () => names.forEach((name) => this.dispatchEvent(new Event(name))));
    }
    player.on(events.FRAGMENT_LOADING_COMPLETED, ({ error, mediaType, request }) => {
      if (error) return;
      this.#received_bytes += request.bytesLoaded || 0;
      this.#shown.note(request.representation?.id, request.bytesLoaded || 0, request.duration);
      keepBandwidth((player.getAverageThroughput("video") || Number.NaN) * 1000);
      if (mediaType === "video") this.#tell.flowing();
    });
    player.on(events.ERROR, ({ error }) => this.#judge(error));
  }

  async #judge(error) {
    const { code, message, data } = error;
    if (HARMLESS.has(code) || data?.request?.mediaType === "text") return;
    const load = this.#loads;
    const failure = await failureOf(code, data, this.#playback);
    // What another film has been loaded after is no news.
    if (load === this.#loads) this.#tell.trouble(failure, { detail: `${code} ${message}` });
  }

  /** Start a decoder that has failed anew where the viewer was: Chromium may say that it stands at the end. */
  #judgeElement() {
    const { error } = this.#video;
    if (!this.#player || !error) return;
    const place_s = this.#tell.place();
    if (this.#mends.isWorthAnother(place_s)) this.#begin(place_s);
    else this.#tell.trouble("media-decode", { detail: `${error.code} ${error.message}` });
  }
}

async function failureOf(number, data, playback) {
  if (OF_SEGMENTS.has(number)) {
    const { status = 0, data: body } = data?.response ?? {};
    const isPastTime = playback.lifetime.isOver;
    return failureOfMedia({ status, code: codeOf(body ?? ""), isManifest: false, isPastTime });
  }
  const otherwise = NOT_PLAYABLE.has(number) ? "unsupported" : "manifest-unavailable";
  if (otherwise === "unsupported" || OF_MANIFEST.has(number)) {
    return (await probeFailure(playback, playback.dash_url)) || otherwise;
  }
  return "unknown";
}

function settings({ is_live: isLive }) {
  return {
    debug: { logLevel: 0 },
    // It would begin anew where the element says that it stands, and go on behind what is broken.
    errors: { recoverAttempts: { mediaErrorDecode: 0 } },
    streaming: {
      abr: { initialBitrate: { video: expectedBandwidth() / 2_000 } },
      buffer: { initialBufferLevel: 0, fastSwitchEnabled: true },
      // Ours is the memory of how much the line carries.
      lastBitrateCachingInfo: { enabled: false },
      lastMediaSettingsCachingInfo: { enabled: false },
      // How far behind it stays, and how fast it gets there, the manifest says.
      ...(isLive && { liveCatchup: { enabled: true } }),
    },
  };
}

async function moved(request, addresses) {
  request.url = addresses.of(request.url);
  return request;
}

function labelOf({ labels, lang }) {
  return labels?.[0]?.text ?? lang ?? "";
}
