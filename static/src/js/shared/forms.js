// Forms: a button that shows the password, and no second submit while the first is under way.

export function enhanceForms() {
  document.querySelectorAll("[data-reveal]").forEach(enableReveal);
  document.addEventListener("submit", markBusy);
  // Coming back by the browser's history must not find the button still busy.
  addEventListener("pageshow", () => {
    document.querySelectorAll('.btn[aria-busy="true"]').forEach((button) => button.removeAttribute("aria-busy"));
  });
}

function enableReveal(button) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  if (!input) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
}

function markBusy(event) {
  const button = event.submitter;
  if (!button?.hasAttribute("data-once")) return;
  if (button.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  button.setAttribute("aria-busy", "true");
}
