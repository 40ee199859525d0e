// What happens between a failure and the moment when the film goes on: it is tried again at growing distances, and the
// viewer is told as soon as nothing plays, not before.
import { traitsOf } from "./failures.js";

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
// Who tries again by itself mostly succeeds within that.
const PATIENCE_MS = 1_500;
// After so many the addresses themselves are in doubt: the film may have been packaged anew.
const TRIES_BEFORE_ASKING = 3;

export class Recovery {
  #isStuck;
  #show;
  #attempt;
  #failure = null;
  #tries = 0;
  #timer = 0;
  #patience = 0;
  #listeners = new AbortController();

  /** `attempt(failure, {asksAnew})` tries once; `show(failure)` tells the viewer; `isStuck()` is whether nothing plays. */
  constructor({ isStuck, show, attempt }) {
    this.#isStuck = isStuck;
    this.#show = show;
    this.#attempt = attempt;
    addEventListener("online", () => this.retry(), { signal: this.#listeners.signal });
  }

  get failure() {
    return this.#failure;
  }

  /** Something went wrong; with `isTrying` somebody else tries again already. */
  note(code, { isTrying = false, patienceMs = isTrying ? PATIENCE_MS : 0, ...more } = {}) {
    const { again, canRetry } = traitsOf(code);
    const isShown = Boolean(this.#failure?.isShown) && this.#failure.code === code;
    this.#failure = { detail: "", ...more, code, isFatal: !again, canRetry, isShown };
    if (!isTrying) this.#schedule(again);
    if (again) this.showIfStuck(patienceMs);
    else this.#tell();
  }

  /** Tell what is wrong if nothing plays, now or after some patience. */
  showIfStuck(patienceMs = 0) {
    // What is being tried at the viewer's word is told again only when it has failed again.
    if (!this.#failure || this.#failure.isShown || this.#failure.isBeingTried) return;
    clearTimeout(this.#patience);
    if (patienceMs) this.#patience = setTimeout(() => this.showIfStuck(), patienceMs);
    else if (this.#isStuck()) this.#tell();
  }

  /** The film plays on, with what it still has: it is told again once that is used up. Return whether it was told. */
  hide() {
    const wasShown = Boolean(this.#failure?.isShown) && !this.#failure.isFatal;
    if (wasShown) this.#failure.isShown = false;
    return wasShown;
  }

  /** Try now: a person asked for it, or the network is back. */
  retry() {
    if (!this.#failure) return;
    this.#failure = { ...this.#failure, isShown: false, isFatal: false, isBeingTried: true };
    this.#tries = 0;
    this.#run();
  }

  /** Media comes again; return whether that is news. What is in the pipes when all is over is none. */
  settle() {
    const had = this.#failure;
    if (had?.isFatal) return false;
    this.#forget();
    return had !== null;
  }

  /** What was wrong is over, whatever it was; return whether something was. */
  clear() {
    const had = this.#failure !== null;
    this.#forget();
    return had;
  }

  stop() {
    this.#listeners.abort();
    this.#forget();
  }

  #forget() {
    clearTimeout(this.#timer);
    clearTimeout(this.#patience);
    this.#failure = null;
    this.#tries = 0;
  }

  #schedule(again) {
    clearTimeout(this.#timer);
    if (!again) return;
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#tries);
    // Many players that lost the same origin do not come back in the same instant.
    this.#timer = setTimeout(() => this.#run(), ceiling * (0.75 + Math.random() / 4));
  }

  #run() {
    clearTimeout(this.#timer);
    this.#tries += 1;
    const asksAnew = traitsOf(this.#failure.code).asksAnew || this.#tries > TRIES_BEFORE_ASKING;
    this.#attempt(this.#failure, { asksAnew });
  }

  #tell() {
    clearTimeout(this.#patience);
    if (this.#failure.isShown) return;
    this.#failure.isShown = true;
    this.#show(this.#failure);
  }
}
