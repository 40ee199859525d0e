// How fast a live broadcast is played, so that it stays as close to its edge as the line has shown to carry.
//
// What is ahead in the buffer rises with each part that arrives and sinks until the next one does. Its lowest point of
// late is what is left when a part comes as late as parts come here: that much is the cushion, no more and no less.

const MEMORY_MS = 6_000;
// Before that many looks nothing is known of the line.
const FEWEST_LOOKS = 8;
const [FIRST_CUSHION_S, LEAST_CUSHION_S, LARGEST_CUSHION_S] = [0.35, 0.3, 3];
const AFTER_A_STALL_S = 0.3;
// What has held for so long is tried with a little less.
const QUIET_MS = 20_000;
const LESS = 0.9;
const [SLOWEST, FASTEST] = [0.95, 1.15];
const GAIN_PER_S = 0.4;
// Nobody hears a step of that size, and the decoder is not told of every trifle.
const STEP = 0.02;

export class Pace {
  cushion_s = FIRST_CUSHION_S;
  #looks = [];
  #quietSince = null;

  /** Note at `now` (in ms) what is ahead in the buffer, in seconds; return the speed to play with. */
  rate(now, ahead_s) {
    this.#quietSince ??= now;
    this.#looks = this.#looks.filter(({ at }) => now - at < MEMORY_MS);
    this.#looks.push({ at: now, ahead_s });
    if (this.#looks.length < FEWEST_LOOKS) return 1;
    this.#dare(now);
    const lowest = Math.min(...this.#looks.map((look) => look.ahead_s));
    const wanted = 1 + GAIN_PER_S * (lowest - this.cushion_s);
    return Math.min(Math.max(Math.round(wanted / STEP) * STEP, SLOWEST), FASTEST);
  }

  /** The picture stood still for want of media: stay further behind from now on. */
  stalled(now) {
    this.cushion_s = Math.min(this.cushion_s + AFTER_A_STALL_S, LARGEST_CUSHION_S);
    this.#quietSince = now;
    this.forget();
  }

  /** What was seen before says nothing of what comes: after a jump, and after a stall. */
  forget() {
    this.#looks = [];
  }

  #dare(now) {
    if (now - this.#quietSince < QUIET_MS) return;
    this.#quietSince = now;
    this.cushion_s = Math.max(this.cushion_s * LESS, LEAST_CUSHION_S);
  }
}
