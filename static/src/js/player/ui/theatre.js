// Theatre: the film as large as the window, and the rest of the page below it. It is remembered.

const NAME = "theatre";

export function attachTheatre({ root, find, memory }) {
  const button = find("[data-player-theatre]");

  function set(isTheatre) {
    root.classList.toggle("is-theatre", isTheatre);
    button.setAttribute("aria-pressed", String(isTheatre));
    memory.remember(NAME, isTheatre);
  }

  function toggle() {
    set(!root.classList.contains("is-theatre"));
    if (root.classList.contains("is-theatre")) root.scrollIntoView({ block: "start", behavior: "smooth" });
  }

  set(memory.recall(NAME) === true);
  button.addEventListener("click", toggle);
  return { toggle, leave: () => !document.fullscreenElement && set(false) };
}
