// A section of what was counted in a time; while its end is now, it is brought up to date every minute.
import { RequestFailed, sendJson } from "../shared/http.js";
import { fill } from "../uploads/wording.js";
import { createBoard } from "./board.js";
import { sayMoment } from "./numbers.js";

const EVERY_MS = 60_000;
const STEP_S = { "1s": 1, "1m": 60, "1h": 3600 };

export function showHistory(section, words) {
  const board = createBoard(section, words, "history");
  const note = section.querySelector("[data-range-note]");
  let shown = JSON.parse(section.querySelector("#range-figures").textContent);
  draw();
  if ("goesOn" in section.dataset) setInterval(() => document.hidden || refresh(), EVERY_MS);

  function draw() {
    const { from, to, resolution, series } = shown;
    board.show(series, { from: seconds(from), to: seconds(to), stepS: STEP_S[resolution] });
  }

  /** Ask for as long a time as is shown, until now; for all since it began, where the page says no length. */
  async function refresh() {
    const lengthS = section.dataset.goesOn;
    const from = lengthS ? new Date(Date.now() - lengthS * 1000).toISOString() : shown.from;
    const query = new URLSearchParams({ from, to: new Date().toISOString() });
    try {
      shown = await sendJson(`${section.dataset.api}?${query}`);
      note.hidden = true;
      draw();
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      note.textContent = fill(words.notRefreshed, { time: sayMoment(seconds(shown.to), 60) });
      note.hidden = false;
    }
  }
}

function seconds(moment) {
  return Date.parse(moment) / 1000;
}
