// How often a decoder that has failed is started anew before the viewer is told.

// One that fails again as near as this to where it was started anew fails because of what it is given. It is measured in
// the film, since on a slow line a minute may pass until it fails again.
const SAME_PLACE_S = 10;
const MOST_AT_A_PLACE = 2;

export class Mends {
  #place_s = 0;
  #count = 0;

  /** Count one more failure, at this place of the film; return whether to start anew. */
  isWorthAnother(place_s) {
    if (Math.abs(place_s - this.#place_s) > SAME_PLACE_S) [this.#place_s, this.#count] = [place_s, 0];
    this.#count += 1;
    return this.#count <= MOST_AT_A_PLACE;
  }
}
