// The bit rate of what is shown, by what came of it: playlists and manifests tell of a quality what it may not exceed.

// Of a broadcast, what came a minute ago says little of now.
const HALF_LIFE_S = 20;

export class ShownRate {
  #came = new Map();

  /** Note that so many bytes of a track have come, which play for so long. What plays for no time is no media. */
  note(track, bytes, length_s) {
    if (!(length_s > 0)) return;
    const { bytes: before, length_s: beforeS } = this.#came.get(track) ?? { bytes: 0, length_s: 0 };
    const kept = 0.5 ** (length_s / HALF_LIFE_S);
    this.#came.set(track, { bytes: before * kept + bytes, length_s: beforeS * kept + length_s });
  }

  /** Return the bit/s of a picture together with its sound; 0 while nothing of the picture has come. */
  of(picture, sound) {
    return this.#came.has(picture) ? Math.round(this.#rate(picture) + this.#rate(sound)) : 0;
  }

  #rate(track) {
    const { bytes, length_s } = this.#came.get(track) ?? { bytes: 0, length_s: 1 };
    return (8 * bytes) / length_s;
  }
}
