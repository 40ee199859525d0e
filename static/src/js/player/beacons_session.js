// One session, as the portal is told of it.

export class BeaconSession {
  beacon;
  #meter;
  #sender;
  #number = 0;
  #told = { state: null, quality: null };

  constructor({ beacon, meter, sender }) {
    Object.assign(this, { beacon });
    this.#meter = meter;
    this.#sender = sender;
  }

  get state() {
    return this.#meter.state;
  }

  /** Whether nothing more is expected of it: it has ended, failed or been left. */
  get isOver() {
    return "efq".includes(this.state);
  }

  get isNews() {
    const { state, quality } = this.#meter;
    return state !== this.#told.state || quality !== this.#told.quality;
  }

  seek(distance_s) {
    this.#meter.seek(distance_s);
  }

  load() {
    this.#meter.load();
  }

  see(look) {
    this.#meter.see(look);
  }

  /** Tell of what has changed: the state, or else the quality. */
  tellNews(look) {
    this.tell(this.state === this.#told.state ? "bc" : "ps", look);
  }

  tell(kind, look, more = {}) {
    const { state, quality, kbps } = this.#meter;
    if (kind === "ps") this.#told.state = state;
    else if (state !== this.#told.state) this.tell("ps", look);
    this.#told.quality = quality;
    this.#sender.add(this.beacon, {
      e: kind,
      // By the clock on the wall, since devices sleep.
      ts: Math.round(Date.now() - (performance.now() - look.at)),
      sn: this.#number++,
      sta: state,
      ...look.gauges,
      ...(kbps && { br: [kbps] }),
      ...(quality && { "nova-q": quality }),
      ...this.#meter.counted(),
      ...more,
    });
  }

  /** The viewer goes; what is over is over already. */
  quit(look) {
    if (!this.isOver) this.#meter.quit(look.at);
    if (this.state !== this.#told.state) this.tell("ps", look);
  }
}
