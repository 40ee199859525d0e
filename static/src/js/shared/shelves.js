// Shelves scroll by themselves; the two buttons move them by what is in view, and show where the ends are.

export function enhanceShelves(root = document) {
  root.querySelectorAll("[data-shelf]").forEach(enhance);
}

function enhance(shelf) {
  const track = shelf.querySelector(".shelf-track");
  const [back, on] = shelf.querySelectorAll(".shelf-buttons button");
  if (!track || !on) return;
  const update = () => {
    const end = track.scrollWidth - track.clientWidth;
    back.disabled = track.scrollLeft <= 1;
    on.disabled = track.scrollLeft >= end - 1;
    back.parentElement.hidden = end <= 1;
  };
  const move = (direction) => track.scrollBy({ left: direction * track.clientWidth * 0.85, behavior: behavior() });
  back.addEventListener("click", () => move(-1));
  on.addEventListener("click", () => move(1));
  track.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(track);
  update();
}

function behavior() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}
