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

  /** Ask for as long a time as is shown, until now. */
  async function refresh() {
    const lengthMs = Date.parse(shown.to) - Date.parse(shown.from);
    const [from, to] = [Date.now() - lengthMs, Date.now()].map((moment) => new Date(moment).toISOString());
    try {
      shown = await sendJson(`${section.dataset.api}?${new URLSearchParams({ from, to, resolution: shown.resolution })}`);
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
