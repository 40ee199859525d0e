// How long a session lasts, by the time that has passed here since it came: a clock may show any year.

// It is exchanged while it is good: an edge of somebody else's refuses without saying why.
const LEFT_SHARE = 0.1;
const MOST_LEFT_MS = 5 * 60_000;
// A device that slept is found out within this time.
const LONGEST_WAIT_MS = 60_000;

export class Lifetime {
  #lasts_ms;
  #since = [performance.now(), Date.now()];

  constructor({ lasts_s: lasts }) {
    this.#lasts_ms = lasts * 1000;
  }

  /** The one clock stands still while a device sleeps, and the other one is set: the later of them is believed. */
  get left_ms() {
    const [monotonic, wall] = this.#since;
    return this.#lasts_ms - Math.max(performance.now() - monotonic, Date.now() - wall);
  }

  get isOver() {
    return this.left_ms <= 0;
  }

  /** How long it may be left alone, in milliseconds; 0 or less: not any longer. */
  get rests_ms() {
    return this.left_ms - Math.min(this.#lasts_ms * LEFT_SHARE, MOST_LEFT_MS);
  }
}

/** Call `renew` each time when the session of a player that plays is nearly over. */
export function keepAlive(player, renew) {
  const { video, signal } = player;
  let timer = 0;

  async function look() {
    clearTimeout(timer);
    if (signal.aborted || !player.playback || video.paused) return;
    const { rests_ms: rests } = player.playback.lifetime;
    if (rests <= 0) await renew();
    timer = setTimeout(look, rests > 0 ? Math.min(rests, LONGEST_WAIT_MS) : LONGEST_WAIT_MS);
  }

  // Nobody needs a session for a film that rests; what has become of it is seen when it goes on.
  for (const name of ["play", "playing"]) video.addEventListener(name, look);
  document.addEventListener("visibilitychange", look, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
}
