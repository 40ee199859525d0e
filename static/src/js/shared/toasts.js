// Toasts: messages of the server leave by themselves unless they are errors; pages may add their own.

const STAYS_MS = 7000;
const LEAVES_MS = 180;
const ICONS = { success: "circle-check", error: "circle-alert", warning: "triangle-alert", info: "info" };

export function enhanceToasts() {
  const region = document.querySelector("[data-toasts]");
  if (!region) return;
  region.addEventListener("click", (event) => {
    const button = event.target.closest(".toast-close");
    if (button) dismiss(button.closest(".toast"));
  });
  region.querySelectorAll(".toast").forEach(expire);
}

/** Show a message. `kind` is success, info, warning or error; an error stays until it is closed. */
export function showToast(text, kind = "info") {
  const region = document.querySelector("[data-toasts]");
  const template = document.querySelector("#toast-template");
  if (!region || !template) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.classList.add(`is-${kind}`);
  toast.querySelector("[data-text]").textContent = text;
  const use = toast.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${ICONS[kind] ?? "info"}`));
  region.append(toast);
  expire(toast);
}

/** Say something to screen readers only. */
export function announce(text) {
  const region = document.querySelector("[data-announcer]");
  if (region) region.textContent = text;
}

function expire(toast) {
  if (toast.classList.contains("is-error")) return;
  let timer = 0;
  const start = () => {
    timer = setTimeout(() => dismiss(toast), STAYS_MS);
  };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", start);
  start();
}

function dismiss(toast) {
  toast.classList.add("is-leaving");
  setTimeout(() => toast.remove(), LEAVES_MS);
}
