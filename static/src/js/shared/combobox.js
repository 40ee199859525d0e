// A search field that suggests while somebody types: the ARIA 1.2 combobox with a list. Without it the form still sends.
import { send, sendJson } from "./http.js";

const WAIT_MS = 120; // longer than between two keys of one word, too short to be noticed
const KEYS = { ArrowDown: 1, ArrowUp: -1 };

export function enhanceComboboxes() {
  document.querySelectorAll("[data-combobox]").forEach((box) => new Combobox(box));
}

class Combobox {
  constructor(box) {
    this.box = box;
    this.input = box.querySelector("input[type=search]");
    this.list = box.querySelector("[role=listbox]");
    this.active = -1;
    this.shown = [];
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", this.list.id);
    this.input.setAttribute("aria-expanded", "false");
    this.input.setAttribute("autocomplete", "off");
    this.input.addEventListener("input", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("focus", () => this.open());
    this.input.addEventListener("blur", () => this.close());
    // Before the field loses the focus, and with it the list.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.pick(this.indexOf(event.target)));
  }

  ask() {
    clearTimeout(this.timer);
    this.request?.abort();
    const text = this.input.value.trim();
    if (!text) return this.show([], "");
    // Suggestions for what was typed before would be chosen by mistake.
    this.activate(-1);
    this.timer = setTimeout(() => this.fetch(text), WAIT_MS);
  }

  async fetch(text) {
    this.request = new AbortController();
    const query = new URLSearchParams(this.box.dataset.keep);
    query.set("q", text);
    try {
      const answer = await sendJson(`${this.box.dataset.combobox}?${query}`, { signal: this.request.signal });
      this.show(answer.suggestions, text);
    } catch (error) {
      // Who types goes on typing: the form works whether or not suggestions come.
      if (error.name !== "AbortError") this.show([], text);
    }
  }

  show(suggestions, text) {
    this.shown = suggestions;
    this.list.replaceChildren(...suggestions.map((suggestion, index) => this.option(suggestion, index)));
    this.activate(-1);
    this.open();
    if (text) this.announce(suggestions.length);
  }

  option({ kind, label, detail }, index) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${index}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const name = document.createElement("span");
    name.textContent = label;
    const note = document.createElement("span");
    note.className = "suggest-note";
    note.textContent = [this.list.getAttribute(`data-kind-${kind}`), detail].filter(Boolean).join(" · ");
    option.append(name, note);
    return option;
  }

  press(event) {
    if (event.isComposing) return; // an input method is choosing its own characters
    if (event.key in KEYS && this.shown.length) {
      event.preventDefault();
      if (this.isOpen) this.activate(this.neighbour(KEYS[event.key]));
      else this.open();
    } else if (event.key === "Enter" && this.isOpen && this.active >= 0) {
      event.preventDefault();
      this.pick(this.active);
    } else if (event.key === "Escape" && this.isOpen) {
      // The browser's own Escape would empty the field; that is for the second press.
      event.preventDefault();
      this.close();
    }
  }

  /** Return the place after or before the active one; the field itself, -1, lies between the last and the first. */
  neighbour(step) {
    const places = this.shown.length + 1;
    return ((this.active + 1 + step + places) % places) - 1;
  }

  activate(index) {
    this.active = index;
    [...this.list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
    const option = this.list.children[index];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  pick(index) {
    const suggestion = this.shown[index];
    if (!suggestion) return;
    const { kind, slug, url } = suggestion;
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ kind, slug });
    // It only makes suggestions better: nobody waits for it, and it may fail.
    send(this.box.dataset.choices, { method: "POST", headers, body, keepalive: true }).catch(() => {});
    const target = new URL(url, location.href);
    new URLSearchParams(this.box.dataset.keep).forEach((value, name) => target.searchParams.set(name, value));
    location.assign(target);
  }

  get isOpen() {
    return !this.list.hidden;
  }

  open() {
    this.setOpen(this.shown.length > 0 && document.activeElement === this.input);
  }

  close() {
    this.activate(-1);
    this.setOpen(false);
  }

  setOpen(isOpen) {
    this.list.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen));
  }

  indexOf(target) {
    return [...this.list.children].indexOf(target.closest("[role=option]"));
  }

  announce(count) {
    const announcer = document.querySelector("[data-announcer]");
    const { one, many, none } = this.list.dataset;
    if (announcer) announcer.textContent = count ? (count === 1 ? one : many.replace("#", count)) : none;
  }
}
