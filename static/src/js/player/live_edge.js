// A live broadcast as hls.js plays it: at the edge by default, and further back for those who want to see it again.
import { Pace } from "./pace.js";

const EVERY_MS = 100;
// Somebody who is that far behind went there, or fell asleep with the lid closed: the first shall stay there.
const [FOLLOWS_WITHIN_S, FARTHEST_BEHIND_S] = [4, 4.5];
const JUMP_AGAIN_MS = 5_000;
// An edge that stands still for longer is the broadcaster's doing and not the line's.
const EDGE_STANDS_STILL_S = 1.5;
const HAVE_FUTURE_DATA = 3;

export const LIVE_SETTINGS = {
  lowLatencyMode: true,
  // What can be seen again is told by the element's seekable range; the length of what has no end says nothing.
  liveDurationInfinity: true,
  // The pace is set here: hls.js speeds up only with more than a second in its buffer, and forgets no stall.
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: 0,
  // The browser gives up what is old by itself. hls.js must not: when it removes something while a segment comes in
  // parts, it forgets the parts that it has (1.7), waits for them at the segment's end, and stands still for seconds.
  backBufferLength: Infinity,
};

export class LiveEdge {
  #video;
  #hls;
  #pace = new Pace();
  #isFollowing = true;
  #jumpedAt = -Infinity;
  #clockAhead_ms = 0;
  #timer;
  #listeners = new AbortController();

  constructor(video, hls, { hls_url: url }) {
    this.#video = video;
    this.#hls = hls;
    const { signal } = this.#listeners;
    const on = (name, action) => video.addEventListener(name, action, { signal });
    on("waiting", () => this.#stall());
    on("seeking", () => this.#seek());
    // Whoever pauses wants to see what comes next, and not what has come meanwhile.
    on("pause", () => video.readyState && !video.ended && (this.#isFollowing = false));
    this.#timer = setInterval(() => this.#steer(), EVERY_MS);
    this.#readClock(new URL("/clock", url));
  }

  /** How far behind the newest that there is, in seconds; 0 while nobody knows. */
  get behind_s() {
    const { edge = 0 } = this.#hls.latestLevelDetails ?? {};
    return Math.max(0, edge - this.#video.currentTime);
  }

  get isAtEdge() {
    return this.#isFollowing;
  }

  /** How long ago what is shown was in front of the camera, as far as the playlist tells; null while it does not. */
  get latency_s() {
    const shown = this.#hls.playingDate;
    return shown && (Date.now() + this.#clockAhead_ms - shown.getTime()) / 1000;
  }

  /** Show what is on air now. */
  jump() {
    this.#isFollowing = true;
    this.#jumpedAt = performance.now();
    this.#pace.forget();
    const place = this.#hls.liveSyncPosition;
    if (place !== null) this.#video.currentTime = place;
  }

  stop() {
    clearInterval(this.#timer);
    this.#listeners.abort();
    this.#setRate(this.#video.defaultPlaybackRate);
  }

  #steer() {
    const { paused, seeking, readyState, ended } = this.#video;
    if (paused || seeking || ended || readyState < HAVE_FUTURE_DATA || !this.#isFollowing) return;
    const now = performance.now();
    if (this.behind_s > FARTHEST_BEHIND_S && now - this.#jumpedAt > JUMP_AGAIN_MS) return this.jump();
    this.#setRate(this.#pace.rate(now, this.#ahead()));
  }

  #ahead() {
    const { buffered, currentTime } = this.#video;
    for (let index = 0; index < buffered.length; index += 1) {
      if (buffered.start(index) <= currentTime && currentTime <= buffered.end(index)) return buffered.end(index) - currentTime;
    }
    return 0;
  }

  #stall() {
    const { seeking, paused } = this.#video;
    const age_s = this.#hls.latestLevelDetails?.age ?? Infinity;
    if (seeking || paused || !this.#isFollowing || !this.#hls.playingDate) return;
    if (age_s < EDGE_STANDS_STILL_S) this.#pace.stalled(performance.now());
    this.#setRate(1);
  }

  #seek() {
    this.#pace.forget();
    if (performance.now() - this.#jumpedAt < 1000) return;
    this.#isFollowing = this.behind_s < FOLLOWS_WITHIN_S;
    if (!this.#isFollowing) this.#setRate(this.#video.defaultPlaybackRate);
  }

  #setRate(rate) {
    if (this.#video.playbackRate !== rate) this.#video.playbackRate = rate;
  }

  /** The clock of this device may be wrong by minutes. */
  async #readClock(url) {
    const asked = Date.now();
    try {
      const response = await fetch(url, { cache: "no-store", credentials: "omit", signal: this.#listeners.signal });
      const told = Date.parse(await response.text());
      if (response.ok && told) this.#clockAhead_ms = told - (asked + Date.now()) / 2;
    } catch {
      // Then the device's own has to do: it is shown, and nothing is steered by it.
    }
  }
}
