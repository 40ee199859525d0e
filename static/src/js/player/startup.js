// How long a viewer waits for the first picture: from the wish to see it, a press or autoplay, until it is there.

const HAVE_CURRENT_DATA = 2;

export class Startup {
  // Moments of performance.now(); null while there was none.
  wantedAt = null;
  shownAt = null;
  #video;

  constructor(video) {
    this.#video = video;
    video.addEventListener("play", () => this.wantedAt === null && this.begin());
    for (const name of ["playing", "timeupdate"]) video.addEventListener(name, () => this.#guess());
  }

  /** The film is wanted from now on: for the first time, or once more after it had failed. */
  begin() {
    [this.wantedAt, this.shownAt] = [performance.now(), null];
    this.#video.requestVideoFrameCallback?.(() => this.#see());
  }

  /** Nobody is told of pictures where there are none, on a page that is not looked at, or in an old browser. */
  #guess() {
    const { paused, seeking, readyState, videoWidth, requestVideoFrameCallback } = this.#video;
    const isTold = requestVideoFrameCallback && videoWidth && !document.hidden;
    if (!isTold && !paused && !seeking && readyState >= HAVE_CURRENT_DATA) this.#see();
  }

  #see() {
    if (this.wantedAt !== null) this.shownAt ??= performance.now();
  }
}
