// What each chart draws. `lines` makes of columns what is drawn, the lowest layer first: `values` are where a line runs,
// `own` what is said of it where that is not the same, `means` its definition where that is another than the chart's.
import { sayAverage, sayCount, sayDelay, sayHours, sayPercent, sayRate, sayShare } from "./numbers.js";

const DASHES = [5, 4];
const LEAST_RATE = 1e6;
// As many steps of one hue as the stylesheet has.
const MOST_QUALITIES = 6;

export const KINDS = {
  viewers: { say: sayAverage, isWhole: true, lines: viewers },
  egress: {
    say: sayRate,
    least: LEAST_RATE,
    lines: (columns, words) => [{ label: words.sent, values: columns.egress_bps, colour: "--plot-1", isFilled: true }],
  },
  ingress: {
    say: sayRate,
    least: LEAST_RATE,
    lines: (columns, words) => [
      { label: words.received, values: columns.ingress_bps, colour: "--plot-1" },
      { label: words.shown, means: "shown-bitrate", values: columns.shown_bps, colour: "--plot-2", dash: DASHES },
    ],
  },
  qualities: { say: sayAverage, isWhole: true, lines: qualities },
  rebuffering: {
    say: sayShare,
    least: 0.05,
    lines: (columns, words) => [
      { label: words.rebuffering, values: columns.at.map((_, place) => shareAt(columns, place)), colour: "--plot-2", isFilled: true },
    ],
  },
  errors: {
    say: sayCount,
    isWhole: true,
    lines: (columns, words) => [{ label: words.errors, values: columns.errors, colour: "--plot-4", isBars: true }],
  },
  latency: {
    say: sayDelay,
    least: 1000,
    lines: (columns, words) => [{ label: words.latency, values: columns.latency_ms, colour: "--plot-3" }],
  },
  days: {
    say: sayHours,
    isToTenths: true,
    place: "day",
    lines: (columns, words) => [{ label: words.hours, values: columns.hours, colour: "--plot-1", isBars: true }],
  },
  retention: {
    say: sayPercent,
    place: "place",
    least: 100,
    lines: (columns, words) => [
      { label: words.views, values: columns.views, colour: "--plot-2", dash: DASHES },
      { label: words.viewers, values: columns.viewers, colour: "--plot-1", isFilled: true },
    ],
  },
};

/** Return the share of sessions that wait; null where there are none. */
export function shareAt(columns, place) {
  return columns.sessions?.[place] ? columns.rebuffering[place] / columns.sessions[place] : null;
}

/** By the second: people and their players. Where points are longer, their average and their peak. */
function viewers(columns, words, stepS) {
  if (stepS > 1) {
    return [
      { label: words.average, means: "average-viewers", values: columns.viewers, colour: "--plot-1", isFilled: true },
      { label: words.peak, means: "peak", values: columns.viewers_peak, colour: "--plot-2", dash: DASHES },
    ];
  }
  return [
    { label: words.sessions, means: "sessions", values: columns.sessions, colour: "--plot-2", dash: DASHES },
    { label: words.viewers, values: columns.viewers, colour: "--plot-1", isFilled: true },
  ];
}

/** Viewers; of a longer span viewer-seconds are told. One above the other, the best on top: the whole is drawn first, and each quality below over it. */
function qualities({ qualities: mixes = [] }, _words, stepS) {
  const names = [...new Set(mixes.flatMap((mix) => Object.keys(mix ?? {})))].sort(byHeight).slice(-MOST_QUALITIES);
  const below = mixes.map(() => 0);
  const layers = names.map((name, rank) => {
    const own = mixes.map((mix) => (mix ? (mix[name] ?? 0) / stepS : null));
    const values = own.map((count, place) => (count === null ? null : (below[place] += count)));
    return { label: name, own, values, colour: `--plot-quality-${rank + 1}`, isSolid: true };
  });
  return layers.reverse();
}

function byHeight(one, other) {
  return (parseInt(one, 10) || 0) - (parseInt(other, 10) || 0);
}
