// Shelves scroll by themselves; the two buttons move them by what is in view, and show where the ends are.

// Where it stands when the page has been laid out, and again when its width changes: asking any sooner, or for each
// shelf by itself after the one before was changed, would have the browser lay the page out for the answer.
const watcher = new ResizeObserver((entries) => showEnds(entries.map(({ target }) => target)));

export function enhanceShelves(root = document) {
  root.querySelectorAll("[data-shelf]").forEach(enhance);
}

function enhance(shelf) {
  const track = shelf.querySelector(".shelf-track");
  const [back, on] = shelf.querySelectorAll(".shelf-buttons button");
  if (!track || !on) return;
  const move = (direction) => track.scrollBy({ left: direction * track.clientWidth * 0.85, behavior: behavior() });
  back.addEventListener("click", () => move(-1));
  on.addEventListener("click", () => move(1));
  track.addEventListener("scroll", () => showEnds([track]), { passive: true });
  watcher.observe(track);
}

function showEnds(tracks) {
  const places = tracks.map((track) => [track, track.scrollLeft, track.scrollWidth - track.clientWidth]);
  for (const [track, left, end] of places) {
    const [back, on] = track.closest("[data-shelf]").querySelectorAll(".shelf-buttons button");
    back.disabled = left <= 1;
    on.disabled = left >= end - 1;
    back.parentElement.hidden = end <= 1;
  }
}

function behavior() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}
