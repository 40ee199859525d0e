// Figures as the API tells them: columns of equal length, `at` in seconds since 1970 and rising. No row is a gap.

/** Return the columns of the latest `lengthS` seconds, to which a second can be added. */
export function createWindow(lengthS) {
  let columns = { at: [] };

  /** Begin anew with these. A second is told before it is stored: what is later than they are, and known, stays. */
  function replace(newer) {
    const known = columns;
    columns = structuredClone(newer);
    const end = columns.at.at(-1) ?? 0;
    known.at.forEach((at, place) => {
      if (at > end) add(at, Object.fromEntries(Object.entries(known).map(([name, values]) => [name, values[place]])));
    });
  }

  /** Add a second; one that is there already is told anew. */
  function add(at, metrics) {
    const names = new Set([...Object.keys(columns), ...Object.keys(metrics)]);
    const place = columns.at.findLastIndex((known) => known <= at);
    const isThere = columns.at[place] === at;
    for (const name of names) {
      columns[name] ??= columns.at.map(() => null);
      if (name === "at") continue;
      columns[name].splice(isThere ? place : place + 1, isThere ? 1 : 0, metrics[name] ?? null);
    }
    if (!isThere) columns.at.splice(place + 1, 0, at);
    const tooOld = columns.at.findIndex((known) => known > columns.at.at(-1) - lengthS);
    if (tooOld > 0) Object.values(columns).forEach((values) => values.splice(0, tooOld));
  }

  return {
    get columns() {
      return columns;
    },
    replace,
    add,
  };
}

/** Return moments and lines of values with one empty point in each gap, so that no line is drawn across it. */
export function withGaps(at, lines, stepS) {
  const moments = [];
  const values = lines.map(() => []);
  at.forEach((moment, place) => {
    if (place > 0 && moment - at[place - 1] > stepS * 1.5) {
      moments.push(at[place - 1] + stepS);
      values.forEach((line) => line.push(null));
    }
    moments.push(moment);
    values.forEach((line, number) => line.push(lines[number][place] ?? null));
  });
  return [moments, ...values];
}

/** Return the moment from which on figures are provisional; null if all are sealed. */
export function provisionalFrom({ at, is_sealed: isSealed = [] }) {
  const place = isSealed.lastIndexOf(true) + 1;
  return place < isSealed.length ? at[place] : null;
}
