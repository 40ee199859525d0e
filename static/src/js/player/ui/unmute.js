// A film that was begun without its sound, since the browser would not have it otherwise, offers it in large letters.

export function attachUnmute({ root, video, frame, find }) {
  const button = find("[data-player-unmute]");
  const show = () => {
    button.hidden = !(root.dataset.muted === "by-policy" && video.muted && !video.paused);
  };
  for (const name of ["playing", "pause", "volumechange"]) video.addEventListener(name, () => queueMicrotask(show));
  button.addEventListener("click", () => {
    video.muted = false;
    if (video.volume === 0) video.volume = 1;
    frame.focus({ preventScroll: true });
  });
  show();
}
