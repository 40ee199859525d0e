// The way of beacons to the portal: what cannot be told now is kept and told later, and nobody on the page hears of it.

const MOST_KEPT = 50;
// As many as surely go into the 16 KiB that the portal takes at once.
const MOST_AT_ONCE = 30;
const PATIENCE_MS = 15_000;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [2_000, 120_000];
// Many who were told to come back at the same moment do not.
const SPREAD_MS = 1_000;
const [TAKEN_FROM_TOO_MANY, TAKEN] = [200, 204];
const TOO_MANY = 429;

export class BeaconSender {
  // Of {beacon, event}, the oldest first.
  #kept = [];
  #refused = new Set();
  #onInterval;
  #signal;
  #isSending = false;
  #tries = 0;
  #timer = 0;
  #isToldToWait = false;

  /**
   * `onInterval(seconds)` hears how often the portal wants to be told; null: as often as the session says. From the end of
   * `signal` on nothing is tried twice.
   */
  constructor({ onInterval, signal }) {
    this.#onInterval = onInterval;
    this.#signal = signal;
    addEventListener("online", () => this.#isToldToWait || this.#again(), { signal });
  }

  add(beacon, event) {
    if (!this.#refused.has(beacon.token)) this.#keep([{ beacon, event }]);
  }

  /** Tell all that is kept, unless it has to wait. */
  async flush() {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#kept.length && !this.#timer && navigator.onLine) await this.#send(this.#take());
    this.#isSending = false;
  }

  /** Hand over all that is kept to the browser: the page may be gone in a moment. */
  leave() {
    while (this.#kept.length && navigator.onLine) {
      const batch = this.#take();
      if (navigator.sendBeacon(batch[0].beacon.url, written(batch))) continue;
      this.#keep(batch);
      return;
    }
  }

  /** Take the oldest of one session. */
  #take() {
    const [{ beacon }] = this.#kept;
    const isOther = this.#kept.findIndex((kept) => kept.beacon !== beacon);
    return this.#kept.splice(0, Math.min(isOther < 0 ? MOST_AT_ONCE : isOther, MOST_AT_ONCE));
  }

  /** Put something back, or add it. What is newer says all that is older did, since it tells of sums. */
  #keep(batch) {
    this.#kept.push(...batch);
    this.#kept.splice(0, this.#kept.length - MOST_KEPT);
  }

  async #send(batch) {
    const [{ beacon }] = batch;
    const answer = await post(beacon.url, written(batch)).catch(() => null);
    if (!answer || answer.status === TOO_MANY || answer.status >= 500) return this.#wait(batch, answer);
    this.#tries = 0;
    if (answer.status === 401 || answer.status === 403) this.#giveUp(beacon);
    if (answer.status === TAKEN) this.#onInterval(null);
    if (answer.status !== TAKEN_FROM_TOO_MANY) return;
    const { hb } = (await answer.json().catch(() => null)) ?? {};
    if (Number.isFinite(hb)) this.#onInterval(hb);
  }

  #wait(batch, answer) {
    if (this.#signal.aborted) return;
    this.#kept.unshift(...batch);
    this.#keep([]);
    const pause_ms = Math.min(FIRST_PAUSE_MS * 2 ** this.#tries, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
    const told_ms = askedPause_ms(answer?.headers.get("Retry-After"));
    this.#tries += 1;
    this.#isToldToWait = told_ms > 0;
    const wait_ms = told_ms ? Math.max(told_ms + Math.random() * SPREAD_MS, pause_ms) : pause_ms;
    this.#timer = setTimeout(() => this.#again(), wait_ms);
  }

  #again() {
    clearTimeout(this.#timer);
    [this.#timer, this.#isToldToWait] = [0, false];
    this.flush();
  }

  #giveUp({ token }) {
    this.#refused.add(token);
    this.#kept = this.#kept.filter(({ beacon }) => beacon.token !== token);
  }
}

function written(batch) {
  const [{ beacon }] = batch;
  return JSON.stringify({ v: 1, token: beacon.token, sent: Date.now(), ev: batch.map(({ event }) => event) });
}

function post(url, body) {
  const headers = { "Content-Type": "application/json" };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  // Who it is stands in the token.
  return fetch(url, { method: "POST", headers, body, keepalive: true, credentials: "omit", cache: "no-store", signal });
}

/** Return for how long to stay away, as seconds or a date say it; 0 where nothing does. */
function askedPause_ms(text) {
  if (!text) return 0;
  const asked = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Math.min(Math.max(asked || 0, 0), LONGEST_PAUSE_MS * 5);
}
