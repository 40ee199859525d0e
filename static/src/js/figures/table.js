// The table behind a chart: the same figures, for who reads them, or hears them read.

// Longer, nobody reads it; who wants every second takes the CSV.
const MOST_ROWS = 60;

/** Show rows, the latest first and evenly thinned out. */
export function fillTable(place, headings, rows) {
  const stride = Math.ceil(rows.length / MOST_ROWS);
  const shown = rows.toReversed().filter((_row, number) => number % stride === 0);
  const table = document.createElement("table");
  table.className = "table figures-table";
  const head = table.createTHead().insertRow();
  headings.forEach((heading) => head.append(cell("th", heading, "col")));
  const body = table.createTBody();
  for (const [first, ...others] of shown) {
    body.insertRow().append(cell("th", first, "row"), ...others.map((value) => cell("td", value)));
  }
  place.replaceChildren(table);
}

function cell(tag, text, scope) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (scope) made.scope = scope;
  return made;
}
