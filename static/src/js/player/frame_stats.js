// What any video element tells of itself, for the panel of figures.

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
