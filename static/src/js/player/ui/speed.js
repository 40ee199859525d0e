/** Play at another speed, also what is loaded anew, which would set it back. */
export function setSpeed(video, rate) {
  video.defaultPlaybackRate = rate;
  video.playbackRate = rate;
}
