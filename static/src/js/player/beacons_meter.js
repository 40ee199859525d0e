// What one session comes to: all that is counted since it began, and the state that it is in.
//
// States are those of CMCD: s starting, p playing, k seeking, r rebuffering, a paused, e ended, f fatal, q quit. Moments
// are milliseconds of a clock that only goes forward.

const WATCHING = new Set(["p", "k", "r"]);
// A player that is stuck gives the picture a push: nobody goes to another place that is so near.
const PUSH_S = 1;
// Who plays is looked at all the time. Longer pauses are those of a device that slept.
const LONGEST_STEP_MS = 90_000;

export class SessionMeter {
  state;
  kbps = null;
  quality = null;
  #at;
  #rank = 0;
  #isRenewed;
  #hasStarted;
  #isSeeking = false;
  #isLoading = false;
  #startup_ms;
  #starting_ms = 0;
  #stalls = 0;
  #stall_ms = 0;
  #seek_ms = 0;
  #watch_ms = 0;
  #ups = 0;
  #downs = 0;
  #rate_ms = 0;
  #upscale = null;
  #upscale_ms = 0;
  #upscaleKnown_ms = 0;
  #upscaleMost = 0;
  #dropped;
  #received;

  /**
   * Begin to count at `at`. A session that is `isRenewed` goes on with what another has begun. `dropped` and `received_bytes`
   * are what was counted before it.
   */
  constructor({ at, isRenewed = false, dropped = 0, received_bytes: received = 0 }) {
    this.#at = at;
    this.#isRenewed = isRenewed;
    this.#hasStarted = isRenewed;
    this.#startup_ms = isRenewed ? 0 : null;
    this.state = isRenewed ? "p" : "s";
    this.#dropped = new Growth(dropped);
    this.#received = new Growth(received);
  }

  /** Somebody goes to another place, so many seconds away: what is waited for from here on is not the line's fault. */
  seek(distance_s) {
    const isPush = this.state === "r" && Math.abs(distance_s) < PUSH_S;
    if (!isPush && !this.#isLoading) this.#isSeeking = true;
  }

  /** The film is loaded anew. It is brought to its place by the player then, and not by the viewer. */
  load() {
    this.#isLoading = true;
    this.#isSeeking = false;
  }

  /** Take what is seen of the player now, as `lookAt` tells it. */
  see(look) {
    if (look.shownAt !== null && this.#startup_ms === null) {
      this.#advance(look.shownAt);
      this.#startup_ms = this.#starting_ms;
      // Who looks for the first time may have missed that it plays since then.
      if (this.state === "s" && look.isWanted && look.canMove) this.state = "p";
    }
    this.#advance(look.at);
    this.#dropped.note(look.dropped);
    if (look.received_bytes !== undefined) this.#received.note(look.received_bytes);
    if (look.canMove) this.#isSeeking = this.#isLoading = false;
    // At the first picture the next one may not be there yet, which is no stall.
    this.#hasStarted ||= this.#startup_ms !== null && look.isWanted && look.canMove;
    this.#turn(this.#stateIn(look));
    this.#show(look);
  }

  /** The viewer has left. */
  quit(at) {
    this.#advance(at);
    this.#turn("q");
  }

  /** Return what was counted, by the names of beacons. */
  counted() {
    const average = this.#upscaleKnown_ms ? this.#upscale_ms / this.#upscaleKnown_ms : this.#upscale;
    return {
      ...(this.#isRenewed && { "nova-renewed": true }),
      ...(this.#startup_ms !== null && { msd: Math.round(this.#startup_ms) }),
      bsa: [this.#stalls],
      bsda: [Math.round(this.#stall_ms)],
      dfa: this.#dropped.total,
      "nova-watch": Math.round(this.#watch_ms),
      "nova-seek": Math.round(this.#seek_ms),
      "nova-ups": this.#ups,
      "nova-downs": this.#downs,
      ...(average !== null && { "nova-upscale": [rounded(average), rounded(this.#upscaleMost)] }),
      "nova-rate": Math.round(this.#rate_ms),
      "nova-bytes": this.#received.total,
    };
  }

  #stateIn({ isFailed, isEnded, isWanted, isPaused, canMove }) {
    // What has failed for good is tried once more, until it plays.
    if (isFailed || (this.state === "f" && (isPaused || !canMove))) return "f";
    if (isEnded) return "e";
    if (!isWanted) return "a";
    if (!this.#hasStarted) return "s";
    if (canMove) return "p";
    return this.#isSeeking ? "k" : "r";
  }

  #turn(state) {
    if (state === "r" && this.state !== "r") this.#stalls += 1;
    this.state = state;
  }

  #advance(at) {
    const passed = Math.min(Math.max(at - this.#at, 0), LONGEST_STEP_MS);
    this.#at = Math.max(this.#at, at);
    if (this.state === "s") this.#starting_ms += passed;
    if (!WATCHING.has(this.state)) return;
    this.#watch_ms += passed;
    if (this.state === "k") this.#seek_ms += passed;
    if (this.state === "r") this.#stall_ms += passed;
    this.#rate_ms += (this.kbps ?? 0) * passed;
    if (this.#upscale === null) return;
    this.#upscale_ms += this.#upscale * passed;
    this.#upscaleKnown_ms += passed;
  }

  /** What is shown stays what it was while nobody can tell: a film that is loaded anew tells nothing for a while. */
  #show({ kbps, quality, rank, upscale }) {
    if (!this.#hasStarted) return;
    if (quality !== null) {
      if (this.quality !== null && rank > this.#rank) this.#ups += 1;
      if (this.quality !== null && rank < this.#rank) this.#downs += 1;
      [this.quality, this.kbps, this.#rank] = [quality, kbps, rank];
    }
    if (upscale === null) return;
    this.#upscale = upscale;
    this.#upscaleMost = Math.max(this.#upscaleMost, upscale);
  }
}

/** What has come to a figure since, which begins at zero again with each film that is loaded. */
class Growth {
  total = 0;
  #seen;

  constructor(seen) {
    this.#seen = seen;
  }

  note(now) {
    this.total += now < this.#seen ? now : now - this.#seen;
    this.#seen = now;
  }
}

function rounded(share) {
  return Math.round(share * 1000) / 1000;
}
