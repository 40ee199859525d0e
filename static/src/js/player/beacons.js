// What a player tells the portal, so that those who run it know how many watch and how they fare. The names are those of
// CMCD (CTA-5004-A) where it has one, and `nova-` otherwise. Viewers notice nothing of it, whatever fails.
import { lookAt } from "./beacons_look.js";
import { SessionMeter } from "./beacons_meter.js";
import { BeaconSender } from "./beacons_sender.js";
import { BeaconSession } from "./beacons_session.js";

// Whoever drags the knob of the bar changes the state many times a second.
const TOGETHER_MS = 250;
const JITTER_MS = 1_000;
const PAUSED_MS = 60_000;
const LOOK_AGAIN_MS = 1_000;
const [SHORTEST_INTERVAL_S, LONGEST_INTERVAL_S] = [1, 60];
// Somebody decided so: nothing is broken.
const BUSINESS = new Set(["window-ended", "playback-revoked", "token-expired", "manifest-forbidden"]);
const CHANGES = ["play", "pause", "waiting", "playing", "seeked", "ended", "loadeddata", "resize"];

/** Tell of what a player plays from now on, and of what it has played since it began. */
export function attachBeacons(player) {
  new Beacons(player);
}

class Beacons {
  #player;
  #sender;
  #session = null;
  #isFirst = true;
  #interval_ms = 0;
  #looked = null;
  #failure = null;
  #isAway = false;
  #soon = 0;
  #next = 0;
  #dueAt = Infinity;

  constructor(player) {
    this.#player = player;
    const { signal } = player;
    this.#sender = new BeaconSender({ onInterval: (seconds) => this.#setInterval(seconds), signal });
    this.#follow();
    this.#followPage(signal);
    this.#look();
    if (player.failure) this.#fail(player.failure);
  }

  #follow() {
    const { video, engine } = this.#player;
    const on = (name, action) => video.addEventListener(name, () => this.#isAway || action());
    for (const name of CHANGES) on(name, () => this.#look());
    on("seeking", () => this.#seek());
    on("emptied", () => this.#load());
    on("timeupdate", () => this.#passTime());
    engine.addEventListener("level", () => this.#look());
    engine.addEventListener("failure", ({ detail }) => this.#fail(detail));
    for (const name of ["playback", "recovered"]) this.#player.addEventListener(name, () => this.#look());
  }

  #followPage(signal) {
    document.addEventListener("visibilitychange", () => this.#turnPage(), { signal });
    addEventListener("pagehide", () => this.#leave(), { signal });
    addEventListener("pageshow", ({ persisted }) => persisted && this.#comeBack(), { signal });
    signal.addEventListener("abort", () => {
      this.#end();
      this.#sender.flush();
    });
  }

  #look() {
    if (this.#isAway) return;
    const look = lookAt(this.#player);
    this.#looked = look;
    this.#chooseSession(look);
    if (!this.#session) return;
    this.#session.see(look);
    this.#passOn(look);
    if (this.#session.isNews) this.#tellSoon();
  }

  /** An attempt begins when the film is wanted, or is found to be broken before; and once more after it has failed. */
  #chooseSession(look) {
    const beacon = this.#offered();
    if (!beacon || (this.#session && (this.#session.state !== "f" || look.isFailed))) return;
    const { wantedAt } = this.#player.startup;
    if (wantedAt === null && !look.isFailed) return;
    const before = this.#isFirst ? {} : look;
    this.#isFirst = false;
    this.#begin(beacon, new SessionMeter({ ...before, at: wantedAt ?? look.at }));
    this.#session.tell("ps", { at: wantedAt ?? look.at, gauges: { "nova-hidden": document.hidden } });
    this.#tellSoon();
  }

  /** Go on with the session that the player goes on with. It was asked for by the player: the viewer attempts nothing. */
  #passOn(look) {
    const beacon = this.#offered();
    if (!beacon || this.#session.state !== "p") return;
    const before = this.#session;
    this.#begin(beacon, new SessionMeter({ ...look, isRenewed: true }));
    this.#session.see(look);
    // In this order, so that there is no moment at which nobody watches.
    this.#tell("ps", look);
    before.quit(look);
    this.#sender.flush();
  }

  /** Return the beacon of the player's session, where that is another one than what is told of. */
  #offered() {
    const beacon = this.#player.playback?.beacon;
    return beacon && beacon.token !== this.#session?.beacon.token ? beacon : null;
  }

  #begin(beacon, meter) {
    this.#session = new BeaconSession({ beacon, meter, sender: this.#sender });
    this.#setInterval(null);
  }

  /** Tell so often from now on; null: as often as the session wants it. */
  #setInterval(seconds) {
    const wanted_s = seconds ?? this.#session.beacon.interval_s;
    const interval_ms = Math.min(Math.max(wanted_s, SHORTEST_INTERVAL_S), LONGEST_INTERVAL_S) * 1000;
    // Most answers change nothing, and are no reason to wait once more.
    if (interval_ms === this.#interval_ms) return;
    this.#interval_ms = interval_ms;
    this.#schedule();
  }

  #tellSoon() {
    this.#soon ||= setTimeout(() => this.#tellNews(), TOGETHER_MS);
  }

  #tellNews() {
    this.#soon = 0;
    if (this.#session.isNews) this.#session.tellNews(this.#looked);
    this.#schedule();
    this.#sender.flush();
  }

  #tell(kind, look, more) {
    this.#session.tell(kind, look, more);
    this.#schedule();
  }

  #tellTime() {
    this.#look();
    // The end is told as what it is.
    if (this.#session.isOver) return;
    this.#tell("t", this.#looked);
    this.#sender.flush();
  }

  /** Tell again after some time, whatever happens. */
  #schedule() {
    clearTimeout(this.#next);
    this.#dueAt = Infinity;
    if (this.#isAway || !this.#session || this.#session.isOver) return;
    const every_ms = this.#session.state === "a" ? PAUSED_MS : this.#interval_ms;
    const wait_ms = every_ms + (Math.random() * 2 - 1) * Math.min(JITTER_MS, every_ms / 10);
    this.#dueAt = performance.now() + wait_ms;
    this.#next = setTimeout(() => this.#tellTime(), wait_ms);
  }

  /** The timers of a page that nobody sees are slowed down; what its video tells is not. */
  #passTime() {
    const now = performance.now();
    if (now >= this.#dueAt) this.#tellTime();
    else if (this.#session?.state !== "p" || now - this.#looked.at >= LOOK_AGAIN_MS) this.#look();
  }

  #seek() {
    this.#session?.seek(this.#player.video.currentTime - this.#looked.position_s);
    this.#look();
  }

  #load() {
    this.#session?.load();
    this.#look();
  }

  #fail(failure) {
    this.#look();
    // Controls that come later are told once more.
    if (!this.#session || this.#isAway || failure === this.#failure || failure.code === "not-ready") return;
    this.#failure = failure;
    const { code, isFatal } = failure;
    this.#tell("e", this.#looked, { ec: [code], "nova-fatal": isFatal, "nova-business": BUSINESS.has(code) });
    this.#sender.flush();
  }

  /** On a phone, that the page is not looked at any more is the last that it hears. */
  #turnPage() {
    this.#look();
    if (!this.#session || this.#session.isOver || this.#isAway) return;
    this.#tell("b", this.#looked);
    if (document.hidden) this.#sender.leave();
    else this.#sender.flush();
  }

  #leave() {
    this.#end();
    this.#sender.leave();
  }

  #end() {
    this.#look();
    this.#isAway = true;
    clearTimeout(this.#soon);
    this.#soon = 0;
    this.#session?.quit(this.#looked);
    this.#schedule();
  }

  /** The page was kept in the browser's history, and nobody has watched meanwhile. */
  #comeBack() {
    this.#isAway = false;
    this.#look();
    this.#sender.flush();
  }
}
