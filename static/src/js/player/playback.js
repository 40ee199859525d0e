// A film on a page: what plays it, where it is, what went wrong, and how it goes on. The controls are built around it.
//
// The player tells of "playback" (another session) and "recovered"; player.engine tells the rest, "failure" among it.
import { RequestFailed } from "../shared/http.js";
import { begin, whenWanted } from "./autoplay.js";
import { createEngine } from "./engines.js";
import { failureOfSession } from "./failures.js";
import { keepAlive, Lifetime } from "./lifetimes.js";
import { recall, remember } from "./memory.js";
import { keepPosition, startingPosition } from "./positions.js";
import { awaitPlayback } from "./preparing.js";
import { Recovery } from "./recovery.js";
import { report } from "./reports.js";
import { openSession } from "./sessions.js";
import { watchStandstill } from "./standstill.js";
import { Startup } from "./startup.js";
import { showState } from "./state.js";

// A session that has just been opened is not refused: whose is will be refused again.
const RENEW_AGAIN_MS = 10_000;
// A film that closed for some is revoked for all, and a CDN refuses what has expired without a word of why: whoever may
// watch it still is given another session.
const CURED_BY_ANOTHER = new Set(["token-expired", "playback-revoked", "manifest-forbidden"]);
// One that lasts hardly longer than what is left of this ends with the film's window.
const WORTH_MORE = 1.5;
// Nor is one worth a break that is over as soon as it has begun.
const LEAST_MS = 10_000;
const HAVE_FUTURE_DATA = 3;

export function createPlayer(root) {
  const player = new Player(root);
  player.start();
  return player;
}

class Player extends EventTarget {
  // What the page came with, beside the playback: the film's title, and what comes next.
  given;
  hasStarted = false;
  // For the controls: a module that both import would be a file of its own, which the film would wait for.
  memory = { recall, remember };
  #recovery;
  #isSupported;
  #waiting = null;
  #position = 0;
  #wantsToPlay = false;
  #renewedAt = -Infinity;
  #isAsking = false;
  #isLoading = false;
  #isLast = false;
  #listeners = new AbortController();

  constructor(root) {
    super();
    this.root = root;
    this.given = JSON.parse(root.querySelector("#playback").textContent);
    this.video = root.querySelector("video");
    this.startup = new Startup(this.video);
    this.words = { ...root.querySelector("[data-words]")?.dataset };
    this.playback = this.given.hls_url ? this.#timed(this.given) : null;
    this.isSignedIn = this.given.is_signed_in;
    this.#recovery = new Recovery({
      isStuck: () => this.video.readyState < HAVE_FUTURE_DATA,
      show: (failure) => this.#show(failure),
      attempt: (failure, { asksAnew }) => this.#attempt(failure, asksAnew),
    });
    const { engine, isSupported } = createEngine(this.video, {
      trouble: (code, more) => this.#hearTrouble(code, more),
      flowing: () => this.#settle(),
      place: () => this.#position,
    });
    this.engine = engine;
    this.#isSupported = isSupported;
    this.#follow();
  }

  /** What the film is remembered by: its slug. */
  get id() {
    return this.root.dataset.playbackUrl.split("/").at(-3);
  }

  /** Over when the page does without this player: what listens to more than its own elements stops listening. */
  get signal() {
    return this.#listeners.signal;
  }

  /** What the viewer has been told of and is not over yet; null if nothing. */
  get failure() {
    const { failure } = this.#recovery;
    return failure?.isShown ? failure : null;
  }

  /** Where the viewer is, in seconds; also while nothing is loaded. */
  position() {
    return this.#position;
  }

  /** Whether the viewer wants to see it go on, also while it cannot. */
  get isWanted() {
    return this.#wantsToPlay;
  }

  /** Whether this is a broadcast, which is watched where it is and not where somebody left off. */
  get isLive() {
    return Boolean(this.given.is_live);
  }

  start() {
    if (!this.isLive) this.#lookAfter();
    keepAlive(this, () => this.#renewEarly());
    if (!this.#isSupported) this.#recovery.note("unsupported");
    else whenWanted(this, () => (this.playback ? this.#begin() : this.#prepare()));
  }

  /** Tell all that was told before somebody listened. */
  retell() {
    for (const name of ["levels", "level", "audio", "text"]) this.engine.dispatchEvent(new Event(name));
    if (this.failure) this.#tellFailure(this.failure);
  }

  /** The page does without this player from now on. */
  stop() {
    this.#listeners.abort();
    this.#waiting?.stop();
    this.#recovery.stop();
    this.engine.destroy();
  }

  /** Try at once what failed, and go on playing. */
  retry() {
    this.#wantsToPlay = true;
    showState(this, "loading");
    this.#recovery.retry();
  }

  #begin() {
    if (!this.isLive) this.#position = startingPosition(this);
    this.#load();
    begin(this);
  }

  #lookAfter() {
    keepPosition(this);
    watchStandstill(this, {
      isExpecting: () => this.#isExpecting(),
      beginAnew: () => this.#load(),
      giveUp: () => this.#recovery.note("media-decode", { detail: "it stands still" }),
    });
  }

  /** Whether there is a reason to wait. A film that grows waits for its packager, and failures are looked after. */
  #isExpecting() {
    const grows = this.playback?.is_whole === false;
    return grows || !this.hasStarted || this.#isAsking || this.#recovery.failure !== null || this.engine.isAsking;
  }

  #prepare() {
    this.#waiting = awaitPlayback({
      playbackUrl: this.root.dataset.playbackUrl,
      slug: this.isLive ? null : this.id,
      onFailure: (code, problem) => {
        const isKnown = this.failure?.code === code;
        this.#recovery.note(code, { isTrying: true, patienceMs: 0, problem });
        // Each time, since it tells how far the film is.
        if (isKnown) this.#tellFailure(this.failure);
      },
      onPlayable: (playback) => {
        this.#replace(playback);
        // A refusal that was final as long as nothing could be played is so no longer.
        if (this.#recovery.clear()) this.#tellRecovery();
        this.#begin();
      },
    });
  }

  #load() {
    // The page may do without it by now.
    if (!this.root.isConnected) return;
    this.#isLoading = true;
    // What is tried in the background changes nothing of what the viewer sees.
    if (!this.failure) showState(this, "loading");
    if (this.isLive) this.#position = 0;
    this.engine.load(this.playback, this.#position);
  }

  #follow() {
    const { video } = this;
    const on = (name, action) => video.addEventListener(name, action);
    on("play", () => (this.#wantsToPlay = true));
    // What is in the buffer would go on under the words that it is over.
    on("play", () => this.failure?.isFatal && video.pause());
    // An element that is given another source pauses by itself, which nobody asked for.
    on("emptied", () => (this.#isLoading = true));
    // From here on it is the viewer who pauses.
    on("loadstart", () => (this.#isLoading = false));
    on("pause", () => this.#isLoading || video.error || (this.#wantsToPlay = false));
    on("loadedmetadata", () => this.#goOn());
    on("playing", () => (this.hasStarted = true));
    on("playing", () => this.#recovery.hide() && this.#tellRecovery());
    on("waiting", () => this.#recovery.showIfStuck());
    // Of a decoder that has failed, Chromium may say for a moment that it has come to the end.
    const keep = () => video.ended || (this.#position = video.currentTime);
    on("timeupdate", () => video.readyState > 1 && !video.seeking && keep());
    // Before the first picture the place is ours: the element stands at 0 until the engine has brought it there.
    on("seeking", () => video.currentTime > 0 && keep());
    for (const name of ["playing", "pause", "waiting", "ended"]) on(name, () => this.failure || showState(this, name));
  }

  #goOn() {
    this.#isLoading = false;
    if (this.#wantsToPlay && this.video.paused) this.video.play().catch(() => {});
  }

  #replace(playback) {
    this.playback = this.#timed({ ...this.given, ...playback });
    this.#isLast = false;
    this.dispatchEvent(new Event("playback"));
  }

  #timed(playback) {
    return { ...playback, lifetime: new Lifetime(playback) };
  }

  #hearTrouble(code, more) {
    // An engine tells of each request that was refused; one of them was enough.
    if (this.#isAsking || this.#recovery.failure?.isFatal) return;
    const isNew = performance.now() - this.#renewedAt > RENEW_AGAIN_MS;
    if (CURED_BY_ANOTHER.has(code) && isNew) this.#renew(code);
    else this.#recovery.note(code, more);
  }

  async #renew(before) {
    if (this.#isAsking) return;
    this.#renewedAt = performance.now();
    this.#isAsking = true;
    try {
      this.#replace(await openSession(this.root.dataset.playbackUrl));
      this.#load();
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      this.#recovery.note(failureOfSession(error, before), { detail: error.message, problem: error.problem });
    } finally {
      this.#isAsking = false;
    }
  }

  /** Exchange a session that is good still; where that fails, it is tried again before anybody need know. */
  async #renewEarly() {
    if (this.#isAsking || this.#isLast || this.#recovery.failure) return;
    const before = this.playback;
    const playback = await openSession(this.root.dataset.playbackUrl).catch(ifFailed);
    // It was renewed meanwhile, or the page does without.
    if (!playback || this.playback !== before || this.signal.aborted) return;
    this.#isLast = playback.lasts_s * 1000 < Math.max(before.lifetime.left_ms * WORTH_MORE, LEAST_MS);
    if (this.#isLast) return;
    this.#renewedAt = performance.now();
    this.#replace(playback);
    // Packaged anew, the film is cut otherwise.
    const isSame = before.package === playback.package;
    if (!isSame || !this.engine.renew(this.playback)) this.#load();
  }

  #attempt({ code, isBeingTried }, asksAnew) {
    if (isBeingTried) this.startup.begin();
    if (!this.playback) this.#waiting.ask();
    else if (asksAnew) this.#renew(code);
    else if (code === "media-decode" || !this.engine.resume(this.#position)) this.#load();
  }

  #settle() {
    if (!this.#recovery.settle()) return;
    const { paused, readyState } = this.video;
    showState(this, paused ? "paused" : readyState < HAVE_FUTURE_DATA ? "waiting" : "playing");
    this.#tellRecovery();
  }

  #tellRecovery() {
    delete this.root.dataset.failure;
    this.dispatchEvent(new Event("recovered"));
  }

  #show(failure) {
    this.root.dataset.failure = failure.code;
    showState(this, "failed");
    if (failure.isFatal) this.video.pause();
    this.#tellFailure(failure);
    if (failure.code !== "not-ready") report(this, failure);
  }

  #tellFailure(failure) {
    this.engine.dispatchEvent(new CustomEvent("failure", { detail: failure }));
  }
}

function ifFailed(error) {
  if (!(error instanceof RequestFailed)) throw error;
  return null;
}
