// The next film, offered in the last seconds of this one. Nothing begins by itself: who wants to go to bed may.

const LAST_S = 20;
const LAST_SHARE = 0.1;

export function attachNext({ player, video, frame, find }) {
  const card = find("[data-player-next]");
  const { next } = player.given;
  if (!next) return;
  card.querySelector("[data-next-title]").textContent = next.title;
  card.querySelector("[data-next-link]").href = next.url;
  const poster = card.querySelector("[data-next-poster]");
  if (next.poster_url) poster.src = next.poster_url;
  else poster.remove();
  let isDismissed = false;

  function show() {
    // Of a film that grows the element knows only what there is by now.
    const length = player.playback?.duration_s ?? video.duration;
    const isNear = length - video.currentTime <= Math.min(LAST_S, length * LAST_SHARE);
    if (!isNear) isDismissed = false;
    card.hidden = isDismissed || !isNear;
  }

  for (const name of ["timeupdate", "seeked", "ended"]) video.addEventListener(name, show);
  card.querySelector("[data-next-dismiss]").addEventListener("click", () => {
    isDismissed = true;
    card.hidden = true;
    frame.focus({ preventScroll: true });
  });
}
