// In the studio, the audience of the stream that is on air. Which one that is stands in a region of the page, which
// comes anew whenever something happens to a stream.
import { showHealth } from "./figures/health.js";
import { createLive } from "./figures/live.js";

const place = document.querySelector("[data-figures-of]");
const section = document.querySelector("[data-studio-figures]");
const words = JSON.parse(document.querySelector("#figure-words").textContent);
const pristine = section.cloneNode(true);
let shown = "";
let figures = null;

new MutationObserver(look).observe(place, { childList: true, characterData: true, subtree: true });
look();

function look() {
  const stream = place.textContent.trim();
  if (stream === shown) return;
  figures?.stop();
  shown = stream;
  section.hidden = stream === "";
  if (stream === "") return;
  // What is drawn of one stream is not of the next.
  section.replaceChildren(...pristine.cloneNode(true).childNodes);
  section.querySelector("[data-figures-link]").href = `/dashboard/streams/${stream}/`;
  figures = createLive(section, words, {
    onSample: ({ health }) => health !== undefined && showHealth(section.querySelector("[data-health]"), health, words.findings),
  });
  figures.follow(`/ws/streams/${stream}/metrics/`);
}
