// A menu of pages, by keyboard as ARIA wants it: arrows walk, the right one opens a page, the left one and Escape leave it.

const ITEMS = "[role^=menuitem]";

export class Menu {
  /** `onShow(name)` fills a page just before it is seen; with `signal` the page does without the menu. */
  constructor({ element, button, signal, onShow = () => {}, onToggle = () => {} }) {
    Object.assign(this, { element, button, onShow, onToggle, trail: [] });
    button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    element.addEventListener("click", (event) => this.#onClick(event));
    element.addEventListener("keydown", (event) => this.#onKey(event));
    const leave = ({ target }) => element.contains(target) || button.contains(target) || this.close({ isKept: true });
    document.addEventListener("pointerdown", leave, { signal });
    element.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !element.contains(relatedTarget) && relatedTarget !== button) this.close({ isKept: true });
    });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  open() {
    this.trail = [];
    this.element.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.onToggle(true);
    this.show("main");
  }

  /** `isKept` leaves the focus where the viewer has put it. */
  close({ isKept = false } = {}) {
    if (!this.isOpen) return;
    this.element.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.onToggle(false);
    this.onShow("");
    if (!isKept) this.button.focus({ preventScroll: true });
  }

  show(name, opener = null) {
    if (opener) this.trail.push(opener);
    for (const page of this.element.querySelectorAll("[data-page]")) page.hidden = page.dataset.page !== name;
    this.onShow(name);
    const items = this.#items();
    this.#focus(items.find((item) => item.getAttribute("aria-checked") === "true" && name !== "main") ?? items[0]);
  }

  back() {
    const opener = this.trail.pop();
    if (!opener) return this.close();
    this.show("main");
    this.#focus(opener);
  }

  #items() {
    return [...this.element.querySelectorAll(ITEMS)].filter((item) => item.checkVisibility());
  }

  #focus(item) {
    item?.focus({ preventScroll: true });
    item?.scrollIntoView({ block: "nearest" });
  }

  #onClick(event) {
    const item = event.target.closest(ITEMS);
    if (!item) return;
    if (item.dataset.opens) this.show(item.dataset.opens, item);
    else if ("back" in item.dataset) this.back();
  }

  #onKey(event) {
    const items = this.#items();
    const at = items.indexOf(document.activeElement);
    const step = (by) => this.#focus(items[(at + by + items.length) % items.length]);
    const keys = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      ArrowRight: () => (items[at]?.dataset.opens ? items[at].click() : this.#isInRow(items[at]) && step(1)),
      ArrowLeft: () => (this.#isInRow(items[at]) ? step(-1) : this.trail.length && this.back()),
      Home: () => this.#focus(items[0]),
      End: () => this.#focus(items.at(-1)),
      Escape: () => this.back(),
    };
    // The player's own keys rest while its menu is open.
    event.stopPropagation();
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  }

  #isInRow(item) {
    return Boolean(item?.closest("[data-style]"));
  }
}
