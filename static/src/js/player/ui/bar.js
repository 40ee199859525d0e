// The bar below the picture: buttons that skip, and the time, chapter and title that it shows.
import { clockTime } from "./wording.js";

const TOUCHED = "button, [role=button]";

export function attachBar(ui) {
  const { video, controller, frame, player, find } = ui;
  find("[data-player-title]").textContent = player.given.title ?? "";
  for (const button of frame.querySelectorAll("[data-skip]")) {
    button.addEventListener("click", () => seek(video, Number(button.dataset.skip)));
  }
  for (const name of ["timeupdate", "seeking", "durationchange", "loadedmetadata"]) {
    video.addEventListener(name, () => showTime(ui));
  }
  showTime(ui);
  // A pressed button would take the arrow keys from the film. Who comes by keyboard keeps the focus.
  controller.addEventListener("mousedown", (event) => {
    if (event.target.closest(TOUCHED)) event.preventDefault();
  });
}

/** Go so many seconds forward, or back where they are less than none. */
export function seek(video, seconds) {
  const end = Number.isFinite(video.duration) ? video.duration : Infinity;
  video.currentTime = Math.min(Math.max(0, video.currentTime + seconds), end);
}

function showTime({ video, player, find }) {
  if (player.isLive) return;
  const duration = Number.isFinite(video.duration) ? video.duration : (player.playback?.duration_s ?? 0);
  find("[data-player-now]").textContent = clockTime(video.currentTime);
  find("[data-player-total]").textContent = duration ? clockTime(Math.round(duration)) : "";
  const chapter = player.playback?.chapters?.findLast(({ start_s: start }) => start <= video.currentTime);
  const place = find("[data-player-chapter]");
  place.hidden = !chapter;
  place.textContent = chapter?.title ?? "";
}
