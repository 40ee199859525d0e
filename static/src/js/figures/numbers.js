// Figures in words, as analytics/pages/wording.py writes them on the server.
import { language } from "../shared/moments.js";

export const NOTHING = "–";
const UNITS = [
  [1e9, "Gbit/s"],
  [1e6, "Mbit/s"],
  [1e3, "kbit/s"],
];
const DAY = { day: "numeric", month: "short" };
const CLOCK = { hour: "2-digit", minute: "2-digit" };
const formats = new Map();

export function sayCount(count) {
  return isKnown(count) ? number(count, 0) : NOTHING;
}

export function sayAverage(count) {
  return isKnown(count) ? number(count, count >= 100 || Number.isInteger(count) ? 0 : 1) : NOTHING;
}

export function sayRate(rateBps) {
  if (!isKnown(rateBps)) return NOTHING;
  if (rateBps === 0) return "0 kbit/s";
  const [size, unit] = UNITS.find(([least]) => rateBps >= least) ?? UNITS.at(-1);
  return `${number(rateBps / size, 1)} ${unit}`;
}

export function sayShare(share) {
  return isKnown(share) ? `${number(100 * share, 1)} %` : NOTHING;
}

export function sayPercent(percent) {
  return isKnown(percent) ? `${number(percent, 0)} %` : NOTHING;
}

export function sayDelay(delayMs) {
  return isKnown(delayMs) ? `${number(delayMs / 1000, 1)} s` : NOTHING;
}

export function sayHours(hours) {
  return isKnown(hours) ? `${number(hours, hours >= 10 ? 0 : 1)} h` : NOTHING;
}

/** Tell a moment (seconds since 1970) by the viewer's clock, as precisely as points `stepS` apart need it. */
export function sayMoment(at, stepS) {
  return moment(at, { ...(stepS >= 60 && DAY), ...CLOCK, ...(stepS < 60 && { second: "2-digit" }) });
}

/** Tell a moment on an axis whose marks are `stepS` apart: shorter, as its neighbours say the rest. */
export function sayMark(at, stepS) {
  const isMidnight = new Date(at * 1000).getHours() === 0 && new Date(at * 1000).getMinutes() === 0;
  if (stepS >= 86_400 || (stepS >= 60 && isMidnight)) return moment(at, DAY);
  return moment(at, { ...CLOCK, ...(stepS < 60 && { second: "2-digit" }) });
}

/** Tell a day that is one of the world's, and begins at the same moment for all. */
export function sayDay(at) {
  return moment(at, { ...DAY, timeZone: "UTC" });
}

function moment(at, options) {
  const format = cached(JSON.stringify(options), () => new Intl.DateTimeFormat(language(), { hourCycle: "h23", ...options }));
  return format.format(at * 1000);
}

function number(value, digits) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return cached(`number ${digits}`, () => new Intl.NumberFormat(language(), options)).format(value);
}

/** A formatter costs more than a thousand numbers. */
function cached(key, make) {
  if (!formats.has(key)) formats.set(key, make());
  return formats.get(key);
}

function isKnown(value) {
  return value !== null && value !== undefined;
}
