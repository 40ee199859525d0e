// All charts of a section, drawn from the same columns, with one cursor over all of them.
import { createPlot } from "./plot.js";

export function createBoard(section, words, group) {
  const plots = [...section.querySelectorAll("[data-plot]")].map((figure) => createPlot(figure, { words, group }));
  return { show: (columns, span) => plots.forEach((plot) => plot.show(columns, span)) };
}
