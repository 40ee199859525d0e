// One chart in its figure: the drawing, its legend, its words for who does not see it, and the table behind it.
import uPlot from "uplot";
import { fill } from "../uploads/wording.js";
import { provisionalFrom, withGaps } from "./columns.js";
import { optionsOf } from "./drawing.js";
import { KINDS } from "./kinds.js";
import { showLegend } from "./legend.js";
import { NOTHING, sayDay, sayMoment, sayPercent } from "./numbers.js";
import { coloursAt, onThemeChange } from "./palette.js";
import { fillTable } from "./table.js";

/** Return how to show columns in a figure: show(columns, { from, to, stepS }), a span of moments or of percents. */
export function createPlot(figure, { words, group }) {
  const kind = KINDS[figure.dataset.plot];
  const area = figure.querySelector("[data-plot-area]");
  const details = figure.querySelector("[data-plot-table]");
  const title = figure.querySelector("[data-plot-title]").textContent;
  const emptyText = figure.querySelector("[data-plot-empty]").textContent;
  const [definitions] = figure.querySelector(".plot-definition").getAttribute("href").split("#");
  let told = null;
  let plot = null;
  // What the drawing was built for: other lines want another one.
  let built = "";
  let colour = coloursAt(area);
  let showValues = () => {};

  new ResizeObserver(draw).observe(area);
  onThemeChange(() => {
    colour = coloursAt(area);
    built = "";
    draw();
  });
  document.addEventListener("visibilitychange", draw);
  details.addEventListener("toggle", () => details.open && told && tabulate());

  function show(columns, span) {
    const lines = kind.lines(columns, words, span.stepS).map((line) => ({ ...line, values: line.values ?? [] }));
    told = { columns, span, lines, veiledFrom: provisionalFrom(columns) };
    draw();
  }

  function draw() {
    if (!told || document.hidden || area.clientWidth === 0) return;
    const { columns, span, lines } = told;
    const isEmpty = lines.every(({ own, values }) => (own ?? values).every((value) => !value));
    const empty = figure.querySelector("[data-plot-empty]");
    empty.hidden = !isEmpty;
    // That nobody watches is known only where it was counted.
    empty.textContent = columns.at.length ? emptyText : words.nothing;
    const data = withGaps(columns.at, lines.map(({ values }) => values), span.stepS);
    const wanted = lines.map(({ label }) => label).join("\n");
    if (plot && wanted === built) plot.setData(data);
    else build(data, wanted);
    const [width, height] = [area.clientWidth, area.clientHeight];
    if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
    describe();
  }

  function build(data, wanted) {
    plot?.destroy();
    built = wanted;
    const size = { width: area.clientWidth, height: area.clientHeight };
    const options = optionsOf({ kind, lines: told.lines, colour, group, told: () => told, onCursor: sayValues });
    showValues = showLegend(figure.querySelector("[data-plot-legend]"), told.lines, colour, definitions);
    plot = new uPlot({ ...size, ...options }, data, area);
  }

  /** Say the values under the cursor; the latest, where there is none. */
  function sayValues() {
    const pointed = plot?.data[0][plot.cursor.idx];
    const place = told.columns.at.lastIndexOf(pointed ?? told.columns.at.at(-1));
    showValues(told.lines.map((line) => sayAt(line, place)));
  }

  function sayAt({ own, values }, place) {
    return place >= 0 ? kind.say((own ?? values)[place]) : NOTHING;
  }

  function describe() {
    sayValues();
    const main = told.lines.at(-1);
    const known = (main?.own ?? main?.values ?? []).filter((value) => value !== null && value !== undefined);
    const most = known.length ? kind.say(known.reduce((one, other) => Math.max(one, other))) : NOTHING;
    const now = main ? sayAt(main, told.columns.at.length - 1) : NOTHING;
    area.setAttribute("aria-label", fill(words.summary, { title, now, most }));
  }

  function tabulate() {
    const { columns, span, lines, veiledFrom } = told;
    const places = { place: [words.place, sayPercent], day: [words.day, sayDay] };
    const [heading, sayPlace] = places[kind.place] ?? [words.time, (at) => sayMoment(at, span.stepS)];
    const note = (at) => (veiledFrom !== null && at >= veiledFrom ? ` (${words.provisional})` : "");
    const rows = columns.at.map((at, place) => [sayPlace(at) + note(at), ...lines.map((line) => sayAt(line, place))]);
    fillTable(details.querySelector(".table-scroll"), [heading, ...lines.map(({ label }) => label)], rows);
  }

  return { show };
}
