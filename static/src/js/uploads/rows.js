// One line of the list: a file, how far it is, and what can be done about it. What is shown follows from its state.
import { fill, sayBytes, saySpeed, sayTime } from "./wording.js";

// In each state: what can be done. The panel has words for each of them by its name.
const ACTIONS = {
  waiting: ["pause", "cancel"],
  running: ["pause", "cancel"],
  broken: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  kept: ["choose", "cancel"], // half of it is there, and we do not have the file
  known: ["resume", "cancel"], // and we know where the file lies
  failed: ["retry", "cancel"],
  refused: ["dismiss"],
  done: [],
  unused: ["cancel"], // all of it is there, and no movie has it yet
};
const UNDER_WAY = new Set(["waiting", "running", "broken"]);
const WHOLE = new Set(["done", "unused"]);
// The speed is that of the last seconds: what was before a pause says nothing of what is left.
const SPEED_OVER_MS = 12_000;
const SHOWN_EACH_MS = 250;
const SPOKEN_EACH_PERCENT = 25;

let count = 0;

/** A line; `panel` has words, speak(text), act(row, action), changed() and the `chooser`, which takes the focus last. */
export class Row {
  file = null;
  handle = undefined;
  state = "";
  #samples = [];
  #timer = 0;
  #spokenPercent = 0;

  constructor(panel, element, { id = "", name, size, offset = 0 }) {
    Object.assign(this, { panel, element, id, name, size, offset, key: `row-${++count}` });
    this.#part("name").id = `upload-${this.key}`;
    this.#part("bar").setAttribute("aria-labelledby", `upload-${this.key}`);
    for (const button of this.#buttons()) {
      button.setAttribute("aria-describedby", `upload-${this.key}`);
      button.addEventListener("click", () => panel.act(this, button.dataset.uploadAct));
    }
  }

  /** Make a line of the panel's template, for a file that nothing was sent of. */
  static of(panel, { id, name, size }) {
    const element = panel.template.content.firstElementChild.cloneNode(true);
    element.querySelector("[data-upload-name]").textContent = name;
    element.querySelector("[data-upload-size]").textContent = sayBytes(size);
    panel.list.append(element);
    return new Row(panel, element, { id, name, size });
  }

  get isUnderWay() {
    return UNDER_WAY.has(this.state);
  }

  /** 100 only when all of it is there. */
  get percent() {
    return WHOLE.has(this.state) ? 100 : Math.floor((this.offset * 100) / this.size);
  }

  /** Show a state; `words` stand in for those that it usually has. It is spoken if there is something new in it. */
  show(state, { words = "", isQuiet = false, needsSignIn = false } = {}) {
    const isNews = state !== this.state || Boolean(words);
    this.state = this.element.dataset.state = state;
    this.#samples = [];
    clearTimeout(this.#timer);
    this.#timer = 0;
    const text = words || fill(this.panel.words[state], { percent: this.percent });
    this.#part("detail").textContent = text;
    this.#part("sign-in").hidden = !needsSignIn;
    this.#part("bar").value = this.percent;
    this.#showActions();
    if (isNews && !isQuiet) this.panel.speak(`${this.name}: ${text}`);
    this.panel.changed();
  }

  /** Show how far it is: often enough to be seen moving, and seldom enough to be read. */
  advance(offset) {
    const now = performance.now();
    if (this.state !== "running") this.show("running", { isQuiet: this.state === "waiting" });
    this.offset = offset;
    this.#samples = [...this.#samples.filter(([at]) => now - at < SPEED_OVER_MS), [now, offset]];
    if (this.#timer) return;
    this.#showProgress();
    this.#timer = setTimeout(() => this.#showProgress(), SHOWN_EACH_MS);
  }

  remove() {
    const next = this.element.nextElementSibling ?? this.element.previousElementSibling;
    const hadFocus = this.element.contains(document.activeElement);
    this.element.remove();
    if (hadFocus) (firstShown(next) ?? this.panel.chooser).focus();
    this.panel.changed();
  }

  #part(kind) {
    return this.element.querySelector(`[data-upload-${kind}]`);
  }

  #buttons() {
    return this.element.querySelectorAll("[data-upload-act]");
  }

  #showActions() {
    const focused = this.element.contains(document.activeElement) ? document.activeElement : null;
    for (const button of this.#buttons()) button.hidden = !ACTIONS[this.state].includes(button.dataset.uploadAct);
    // The button that was pressed may be the one that went.
    if (focused?.hidden) (firstShown(this.element) ?? this.panel.chooser).focus();
  }

  #showProgress() {
    this.#timer = 0;
    this.#part("bar").value = this.percent;
    this.#part("detail").textContent = this.#progress();
    this.#speakProgress();
  }

  #progress() {
    const [[fromAt, from]] = this.#samples;
    const [toAt, to] = this.#samples.at(-1);
    const speed = toAt > fromAt ? ((to - from) * 1000) / (toAt - fromAt) : 0;
    if (speed <= 0) return fill(this.panel.words.running, { percent: this.percent });
    const left = sayTime((this.size - this.offset) / speed);
    return fill(this.panel.words.progress, { percent: this.percent, speed: saySpeed(speed), left });
  }

  #speakProgress() {
    const step = Math.floor(this.percent / SPOKEN_EACH_PERCENT) * SPOKEN_EACH_PERCENT;
    if (step <= this.#spokenPercent) return;
    this.#spokenPercent = step;
    if (step < 100) this.panel.speak(`${this.name}: ${fill(this.panel.words.running, { percent: step })}`);
  }
}

function firstShown(element) {
  return element?.querySelector("[data-upload-act]:not([hidden])");
}
