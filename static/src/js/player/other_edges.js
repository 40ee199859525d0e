// The edge of a live broadcast where somebody else keeps close to it: dash.js, and browsers that play HLS themselves.

// They stay some seconds behind of their own accord.
const FOLLOWS_WITHIN_S = 12;
// What is newer may not be there yet.
const NEWEST_S = 3;

export class DashEdge {
  #player;

  constructor(player) {
    this.#player = player;
  }

  get behind_s() {
    return this.#player.getCurrentLiveLatency() || 0;
  }

  get latency_s() {
    return this.behind_s;
  }

  get isAtEdge() {
    return this.behind_s < FOLLOWS_WITHIN_S;
  }

  jump() {
    this.#player.seekToOriginalLive();
  }
}

export class NativeEdge {
  #video;

  constructor(video) {
    this.#video = video;
  }

  get behind_s() {
    const { seekable, currentTime } = this.#video;
    return seekable.length ? Math.max(0, seekable.end(seekable.length - 1) - currentTime) : 0;
  }

  /** By the time that the playlist gives to each picture, where the browser tells it. */
  get latency_s() {
    const begun = this.#video.getStartDate?.().getTime();
    return begun ? (Date.now() - begun) / 1000 - this.#video.currentTime : null;
  }

  get isAtEdge() {
    return this.behind_s < FOLLOWS_WITHIN_S;
  }

  jump() {
    const { seekable } = this.#video;
    if (seekable.length) this.#video.currentTime = seekable.end(seekable.length - 1) - NEWEST_S;
  }
}
