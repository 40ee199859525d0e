// Where Safari has no media source but a managed one, hls.js puts it into a <source>, and forbids other screens: they
// cannot be given it. What they play is a second <source> beside it.
const TYPE = "application/vnd.apple.mpegurl";

/** Call it each time that the element has been given its source, or that the address is another. */
export function offerAirPlay(video, url) {
  if (!video.querySelector("source") || !video.canPlayType(TYPE)) return;
  const offered = video.querySelector(`source[type="${TYPE}"]`);
  if (offered) offered.src = url;
  else video.append(Object.assign(document.createElement("source"), { type: TYPE, src: url }));
  video.disableRemotePlayback = false;
}
