// What any video element tells of itself, for the panel of figures and for beacons.

export function frameStats(video) {
  const quality = video.getVideoPlaybackQuality?.() ?? { droppedVideoFrames: 0, totalVideoFrames: 0 };
  return {
    resolution: `${video.videoWidth}×${video.videoHeight}`,
    buffered_s: bufferedAhead(video),
    dropped: quality.droppedVideoFrames,
    total: quality.totalVideoFrames,
  };
}

/** Return how many seconds can be played without another byte. */
export function bufferedAhead(video) {
  const { buffered, currentTime } = video;
  for (let index = 0; index < buffered.length; index += 1) {
    const isHere = buffered.start(index) <= currentTime + 0.1 && currentTime < buffered.end(index);
    if (isHere) return Math.round((buffered.end(index) - currentTime) * 10) / 10;
  }
  return 0;
}

/** Name a quality by its shorter side, as people do: 1920×800 is 1080p's width and no 800p. */
export function qualityOf({ width, height }) {
  const lines = width > height ? Math.max(height, Math.round((width * 9) / 16)) : width;
  return lines ? `${lines}p` : "";
}
