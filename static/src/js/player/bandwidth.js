// How much the line to this browser carries: the first segment is chosen by it, before anything has been measured.
import { recall, remember } from "./memory.js";

const NAME = "bandwidth";
const DEFAULT_BPS = 5_000_000;
const [LEAST_BPS, MOST_BPS] = [64_000, 50_000_000];
// Next week the viewer is on another line.
const WORTH_MS = 7 * 24 * 3600 * 1000;
const REST_MS = 5_000;
// The first segment shall be here in half of the time that it plays, so that the picture comes early.
const SHARE = 0.5;

let rememberedAt = -REST_MS;

export function expectedBandwidth() {
  const kept = recall(NAME);
  const isWorth = Number.isFinite(kept?.bps) && Math.abs(Date.now() - kept.at) < WORTH_MS;
  return isWorth ? Math.min(Math.max(kept.bps, LEAST_BPS), MOST_BPS) : DEFAULT_BPS;
}

/** Keep a measurement; those in quick succession count as one. */
export function keepBandwidth(bps) {
  if (!Number.isFinite(bps) || performance.now() - rememberedAt < REST_MS) return;
  rememberedAt = performance.now();
  remember(NAME, { bps: Math.round(bps), at: Date.now() });
}

/** Return the index of the level to begin with: the best that comes quickly, else the least. */
export function firstLevel(levels, bps = expectedBandwidth()) {
  const byBitrate = levels.map(({ bitrate }, index) => ({ bitrate, index })).sort((a, b) => a.bitrate - b.bitrate);
  return (byBitrate.findLast(({ bitrate }) => bitrate <= bps * SHARE) ?? byBitrate[0])?.index ?? -1;
}
