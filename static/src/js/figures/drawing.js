// How uPlot draws a chart: its axes, its lines, and the veil over what is provisional.
import uPlot from "uplot";
import { sayDay, sayMark, sayPercent } from "./numbers.js";
import { faded } from "./palette.js";

const FONT = "12px 'Hanken Grotesk', 'Noto Sans Thai', system-ui, sans-serif";
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;
const TIME_STEPS_S = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_S),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_S),
  ...[1, 2, 3, 7, 14, 28].map((days) => days * DAY_S),
];
const WHOLE_STEPS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6].flatMap((ten) => [ten, 2 * ten, 5 * ten]);
const AXIS_PX = { place: 30, count: 48, value: 74 };
// Figures are told to a tenth: steps between would be told as what they are not.
const TENTHS = [0.1, 0.2, 0.5, ...WHOLE_STEPS];
// An axis of people is never so short that one of them looks like a crowd.
const LEAST_PEOPLE = 4;
const HEADROOM = 1.08;
// What is provisional is covered by so much of the ground.
const VEIL = 0.55;

/** Return uPlot's options for lines of a kind; `told()` is what is shown at the moment of drawing. */
export function optionsOf({ kind, lines, colour, group, told, onCursor }) {
  const axis = {
    stroke: colour("--muted-foreground"),
    font: FONT,
    grid: { stroke: colour("--border"), width: 1 },
    ticks: { show: false },
  };
  return {
    padding: [10, 14, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 }, ...(group && { sync: { key: group } }) },
    scales: {
      x: { time: kind.place !== "place", range: () => [told().span.from, told().span.to] },
      y: { range: (_plot, _least, most) => [0, top(kind, most)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: AXIS_PX.place,
        space: 64,
        values: marksOf(kind),
        ...(kind.place !== "place" && { incrs: TIME_STEPS_S }),
      },
      {
        ...axis,
        size: kind.isWhole ? AXIS_PX.count : AXIS_PX.value,
        space: 36,
        values: (_plot, splits) => splits.map((value) => kind.say(value)),
        ...(kind.isWhole && { incrs: WHOLE_STEPS }),
        ...(kind.isToTenths && { incrs: TENTHS }),
      },
    ],
    // Days of the world, on whatever device.
    ...(kind.place === "day" && { tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC") }),
    series: [{}, ...lines.map((line) => seriesOf(line, colour(line.colour)))],
    hooks: { draw: [(plot) => veil(plot, told().veiledFrom, faded(colour("--card"), VEIL))], setCursor: [onCursor] },
  };
}

function top(kind, most) {
  const least = kind.least ?? (kind.isWhole ? LEAST_PEOPLE : 0);
  return Math.max(most ?? 0, least) * HEADROOM || 1;
}

function marksOf(kind) {
  if (kind.place === "place") return (_plot, splits) => splits.map(sayPercent);
  if (kind.place === "day") return (_plot, splits) => splits.map(sayDay);
  return (_plot, splits, _axis, _space, step) => splits.map((at) => sayMark(at, step));
}

function seriesOf({ label, dash, isFilled, isSolid, isBars }, stroke) {
  return {
    label,
    stroke,
    dash,
    // Thin, that bars of nothing are hardly a line.
    width: isSolid ? 0 : isBars ? 1 : 2,
    ...(isFilled && { fill: faded(stroke, 0.16) }),
    ...((isSolid || isBars) && { fill: stroke }),
    ...(isBars && { paths: uPlot.paths.bars({ size: [0.7, 40] }) }),
    points: { show: false },
  };
}

/** Draw what is provisional lighter, whatever it is. */
function veil({ ctx, bbox, valToPos }, from, ground) {
  if (from === null) return;
  const right = bbox.left + bbox.width;
  const left = Math.max(bbox.left, valToPos(from, "x", true));
  if (left >= right) return;
  ctx.save();
  ctx.fillStyle = ground;
  ctx.fillRect(left, bbox.top, right - left, bbox.height);
  ctx.restore();
}
