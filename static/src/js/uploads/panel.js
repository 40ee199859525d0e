// The panel: which files are there, which of the server's halves each of them goes on with, and what is done to each.
import { RequestFailed } from "../shared/http.js";
import { choose, reopen, takeFiles } from "./intake.js";
import { claim, forget, forgetOld, recall, remember } from "./memory.js";
import { createQueue } from "./queue.js";
import { Row } from "./rows.js";
import { announce, discard, isGone, listUploads, patiently, readUpload } from "./server.js";
import { fill, readWords, sayBytes } from "./wording.js";

const LONGEST_NAME = 200;
// It is no film: that will not change by trying again.
const UNPROCESSABLE = 422;

export class UploadPanel extends EventTarget {
  rows = [];
  #claims = new Map();
  #taking = Promise.resolve();
  #untaken = 0;
  #announcing = new Set();

  constructor(root) {
    super();
    const part = (kind) => root.querySelector(`[data-upload-${kind}]`);
    const { endpoint, pieceBytes, largestBytes, accepted, movie } = root.dataset;
    Object.assign(this, { root, endpoint, movie, words: readWords(root), accepted: accepted.split(",") });
    Object.assign(this, { list: part("list"), template: part("template"), chooser: part("chooser") });
    this.kinds = { accepted: this.accepted, called: this.words.kind };
    this.largestBytes = Number(largestBytes);
    this.queue = createQueue({ endpoint, pieceBytes: Number(pieceBytes), tell: this.#listener() });
    takeFiles({
      zone: root,
      button: this.chooser,
      kinds: this.kinds,
      take: (files) => this.take(files),
      refuse: () => this.notice(this.words.folder),
    });
    for (const button of root.querySelectorAll("[data-upload-all]")) {
      button.addEventListener("click", () => this.#actOnAll(button.dataset.uploadAll));
    }
    root.classList.add("is-live");
    forgetOld();
  }

  /** Bring the lines to life that the page came with; go on with those whose file we may still read. */
  async open({ goesOn }) {
    for (const element of this.list.querySelectorAll("[data-upload-row][data-id]")) {
      const { id, name, size, offset } = element.dataset;
      const row = new Row(this, element, { id, name, size: Number(size), offset: Number(offset) });
      this.rows.push(row);
      row.show("kept", { isQuiet: true });
    }
    for (const row of [...this.rows]) await this.#pickUp(row, goesOn(row));
  }

  /** List uploads that the form had before it was sent back: they may be finished, and are this form's still. */
  async restore(ids) {
    for (const id of ids.filter((id) => !this.rows.some((row) => row.id === id))) {
      const upload = await patiently(() => readUpload(this.endpoint, id)).catch(() => null);
      if (upload?.state !== "FINISHED" || upload.movie) continue;
      const row = Row.of(this, { id, name: upload.file_name, size: upload.size_bytes });
      this.rows.push(row);
      row.show("unused", { isQuiet: true });
    }
  }

  /** Take files one after the other: two that are alike must not go on with the same half. */
  take(files) {
    this.notice("");
    this.dispatchEvent(new CustomEvent("taken", { detail: files.map(({ file }) => file) }));
    this.#untaken += files.length;
    for (const entry of files) {
      const takeIt = () => this.#takeOne(entry).finally(() => (this.#untaken -= 1));
      this.#taking = this.#taking.then(takeIt, takeIt);
    }
    return this.#taking;
  }

  /** Whether the server knows every file by now. */
  get isSettled() {
    return this.#untaken === 0 && this.rows.every((row) => row.id || !row.isUnderWay);
  }

  /** Wait until every file that was taken has an id. */
  settled() {
    return Promise.allSettled([this.#taking, ...this.#announcing]);
  }

  /** Stop at the last whole piece, to go on from there on the next page. */
  halt() {
    for (const row of this.rows.filter((row) => row.isUnderWay)) {
      this.queue.pause(row.key);
      row.show("paused", { isQuiet: true });
    }
  }

  act(row, action) {
    const acts = {
      pause: () => this.#pause(row),
      resume: () => this.#resume(row),
      choose: () => this.#chooseFor(row),
      retry: () => this.#start(row, row),
      cancel: () => this.#cancel(row),
      dismiss: () => this.#drop(row),
    };
    return acts[action]();
  }

  changed() {
    const has = (states) => this.rows.filter((row) => states.includes(row.state)).length;
    const running = has(["waiting", "running", "broken"]);
    const stopped = has(["paused"]);
    for (const button of this.root.querySelectorAll("[data-upload-all]")) {
      const count = { pause: running, resume: stopped, cancel: running + stopped }[button.dataset.uploadAll];
      button.hidden = running + stopped < 2 || count === 0;
    }
    this.root.querySelector("[data-upload-while]").hidden = running === 0;
    this.dispatchEvent(new Event("changed"));
  }

  speak(text) {
    this.root.querySelector("[data-upload-spoken]").textContent = text;
  }

  notice(text) {
    this.root.querySelector("[data-upload-notice]").textContent = text;
  }

  #listener() {
    const of = (key) => this.rows.find((row) => row.key === key);
    return {
      onProgress: (key, bytes) => of(key)?.advance(bytes),
      onBroken: (key) => of(key)?.show("broken"),
      onFailed: (key, problem) => this.#fail(of(key), problem),
      onDone: (key) => this.#finish(of(key)),
    };
  }

  async #takeOne({ file, handle }) {
    const fault = this.#faultOf(file);
    if (fault) {
      const row = Row.of(this, file);
      this.rows.push(row);
      row.show("refused", { words: fault });
      return;
    }
    const same = this.rows.find((row) => row.file && isSame(row.file, file));
    if (same && same.state !== "failed") {
      this.notice(fill(this.words.twice, { name: file.name }));
      return;
    }
    let row = same;
    if (!row) {
      row = await this.#rowFor(file);
      this.rows.push(...(this.rows.includes(row) ? [] : [row]));
    }
    await this.#start(row, { file, handle });
  }

  /** Say why a file will not be taken, before anything of it is sent; "" if it may be. */
  #faultOf(file) {
    if (!this.accepted.some((ending) => file.name.toLowerCase().endsWith(ending))) return this.words.notFilm;
    if (file.size === 0) return this.words.empty;
    if (file.size > this.largestBytes) return fill(this.words.tooLarge, { limit: sayBytes(this.largestBytes) });
    return "";
  }

  /** Find the line whose half this file is, or make one. A file that was changed since is another file. */
  async #rowFor(file) {
    for (const row of this.rows) {
      if (!["kept", "known"].includes(row.state) || !isCalled(row, file)) continue;
      const { lastModified } = await recall(row.id);
      if (lastModified === undefined || lastModified === file.lastModified) return row;
      this.notice(fill(this.words.changed, { name: file.name }));
    }
    return Row.of(this, file);
  }

  async #start(row, { file, handle }) {
    Object.assign(row, { file, handle });
    row.show("waiting", { isQuiet: true });
    const announced = this.#announce(row, file);
    this.#announcing.add(announced);
    await announced.finally(() => this.#announcing.delete(announced));
    if (!row.id || !this.rows.includes(row)) return;
    await remember(row.id, { lastModified: file.lastModified, handle, isPaused: false });
    if (!this.#claims.has(row.id)) this.#claims.set(row.id, await claim(row.id));
    if (!this.#claims.get(row.id)) {
      this.#claims.delete(row.id);
      row.show("paused", { words: this.words.elsewhere });
      return;
    }
    this.changed();
    if (row.isUnderWay) this.queue.start(row.key, file, row.id);
  }

  /** Give the line an upload, if it has none; what was cancelled meanwhile is deleted again. */
  async #announce(row, file) {
    const isWanted = () => this.rows.includes(row) && row.isUnderWay;
    try {
      row.id ||= await patiently(() => this.#idFor(file), { onWait: () => row.show("broken"), isWanted });
      if (!this.rows.includes(row)) await discard(this.endpoint, row.id);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      if (isWanted()) this.#fail(row, { words: error.message, ...error });
    }
  }

  /** Return the upload on the server that this file goes on with, be it one that another window began; else a new one. */
  async #idFor(file) {
    const inUse = new Set(this.rows.map((row) => row.id));
    for (const { id, file_name: name, size_bytes: size, movie } of await listUploads(this.endpoint)) {
      if (inUse.has(id) || (movie ?? "") !== this.movie || !isCalled({ name, size }, file)) continue;
      if ((await recall(id)).lastModified === file.lastModified) return id;
    }
    // What the browser calls other files than films is its guess by their endings.
    const type = /^(video|audio)\//.test(file.type) ? file.type : "application/octet-stream";
    return announce(this.endpoint, { name: file.name, size: file.size, type, movie: this.movie });
  }

  async #pickUp(row, goesOn) {
    const { handle, isPaused } = await recall(row.id);
    if (!handle || row.state !== "kept") return;
    row.handle = handle;
    row.show("known", { isQuiet: true });
    const file = goesOn && !isPaused ? await reopen(handle, { ask: false }) : null;
    if (file && isCalled(row, file)) await this.#start(row, { file, handle });
  }

  async #chooseFor(row) {
    const [chosen] = await choose(this.kinds, { multiple: false });
    if (!chosen) return;
    if (isCalled(row, chosen.file)) await this.#start(row, chosen);
    else this.notice(fill(this.words.other, { name: row.name, size: sayBytes(row.size) }));
  }

  async #resume(row) {
    if (this.queue.has(row.key) && this.#claims.has(row.id)) {
      remember(row.id, { isPaused: false });
      row.show("waiting", { isQuiet: true });
      this.queue.resume(row.key);
      return;
    }
    const file = row.file ?? (await reopen(row.handle, { ask: true }));
    if (file && isCalled(row, file)) await this.#start(row, { file, handle: row.handle });
    else row.show("kept", { words: this.words.moved });
  }

  #pause(row) {
    if (row.id) remember(row.id, { isPaused: true });
    this.queue.pause(row.key);
    row.show("paused");
  }

  #cancel(row) {
    if (confirm(fill(this.words.sure, { name: row.name }))) this.#discard(row);
  }

  async #discard(row) {
    this.queue.drop(row.key);
    try {
      if (row.id) await discard(this.endpoint, row.id);
    } catch (error) {
      this.#fail(row, { words: error.message, ...error });
      return;
    }
    this.#drop(row);
    this.speak(fill(this.words.cancelled, { name: row.name }));
  }

  #drop(row) {
    this.rows = this.rows.filter((other) => other !== row);
    this.#letGo(row);
    row.remove();
  }

  #finish(row) {
    this.#letGo(row);
    row.show(this.movie ? "done" : "unused");
  }

  #fail(row, { words, status = 0, code = "" }) {
    if (status === UNPROCESSABLE) {
      this.#letGo(row);
      row.id = "";
      row.show("refused", { words });
      return;
    }
    // What was to be gone on with is no more: the next try is another upload.
    if (row.id && isGone(status)) {
      this.#letGo(row);
      row.id = "";
      row.offset = 0;
      words ||= this.words.gone;
    }
    const needsSignIn = status === 401 || code === "not-signed-in";
    row.show("failed", { words: words || fill(this.words.failed, { status }), needsSignIn });
  }

  #letGo(row) {
    forget(row.id);
    this.#claims.get(row.id)?.();
    this.#claims.delete(row.id);
  }

  #actOnAll(action) {
    const states = { pause: ["waiting", "running", "broken"], resume: ["paused"] }[action];
    if (states) {
      for (const row of this.rows) if (states.includes(row.state)) this.act(row, action);
      return;
    }
    if (!confirm(this.words.sureOfAll)) return;
    for (const row of this.rows) if (row.isUnderWay || row.state === "paused") this.#discard(row);
  }
}

function isSame(one, other) {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}

/** Tell whether a file can be the one that the server has a half of. It cuts long names, and trims them. */
function isCalled({ name, size }, file) {
  return size === file.size && name === [...file.name.trim()].slice(-LONGEST_NAME).join("");
}
