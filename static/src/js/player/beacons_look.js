// What is to be seen of a player at one moment, in the units in which beacons tell of it.

const HAVE_FUTURE_DATA = 3;

/**
 * Return what the meter counts by, and what beacons tell as it is. null: nobody knows.
 *
 *   shownAt    when the first picture was shown
 *   canMove    whether there is what comes next, at the place where the viewer is
 *   rank       of two qualities, the better one has the higher
 *   upscale    how much larger the picture is shown than it is
 */
export function lookAt({ video, engine, startup, failure, isWanted, isLive }) {
  const stats = engine.stats();
  return {
    at: performance.now(),
    shownAt: startup.shownAt,
    isFailed: Boolean(failure?.isFatal),
    isEnded: video.ended,
    isWanted,
    isPaused: video.paused,
    canMove: !video.seeking && video.readyState >= HAVE_FUTURE_DATA,
    dropped: stats.dropped,
    received_bytes: stats.received_bytes,
    kbps: stats.shown_bps ? Math.round(stats.shown_bps / 1000) : null,
    quality: stats.quality || null,
    rank: stats.bitrate || video.videoHeight,
    upscale: upscaleOf(video),
    position_s: video.currentTime,
    gauges: {
      // A broadcast has no places that would mean something tomorrow.
      pt: isLive ? undefined : milliseconds(video.currentTime),
      pr: Math.round(video.playbackRate * 100) / 100,
      bl: [milliseconds(stats.buffered_s)],
      ltc: isLive && Number.isFinite(stats.latency_s) ? milliseconds(Math.max(stats.latency_s, 0)) : undefined,
      mtp: stats.bandwidth ? [Math.round(stats.bandwidth / 1000)] : undefined,
      "nova-hidden": document.hidden,
    },
  };
}

/** Of a picture with bars around it, it is the side without them that counts. */
function upscaleOf({ videoWidth, videoHeight, clientWidth, clientHeight }) {
  if (!videoWidth || !videoHeight || !clientWidth || !clientHeight) return null;
  return Math.max(Math.min(clientWidth / videoWidth, clientHeight / videoHeight) - 1, 0);
}

function milliseconds(seconds) {
  return Math.round(seconds * 1000);
}
