// Small pictures and chapters on the seek bar. media-chrome looks for them among the tracks of the video.

export function attachTracks({ player, video }) {
  let shown = null;

  function show() {
    const { playback } = player;
    if (!playback || playback.storyboard_url === shown) return;
    shown = playback.storyboard_url;
    video.querySelector("track[label=thumbnails]")?.remove();
    if (shown) video.append(storyboard(shown, playback.media_query));
    addChapters(video, playback);
  }

  show();
  // A new session has new addresses, and where a film becomes playable these are the first.
  player.addEventListener("playback", show);
}

function storyboard(url, query) {
  const track = Object.assign(document.createElement("track"), { kind: "metadata", label: "thumbnails", src: url });
  track.default = true;
  track.addEventListener("load", () => {
    // The mode that loads it and shows nothing.
    track.track.mode = "hidden";
    // The file names pictures as they lie there; some edges want a signature behind each name.
    if (query) for (const cue of track.track.cues) cue.text = cue.text.replace("#", `?${query}#`);
  });
  return track;
}

function addChapters(video, { chapters = [], duration_s: duration }) {
  const isThere = [...video.textTracks].some(({ kind }) => kind === "chapters");
  if (!chapters?.length || isThere) return;
  const track = video.addTextTrack("chapters");
  track.mode = "hidden";
  chapters.forEach(({ start_s: start, title }, index) => {
    track.addCue(new VTTCue(start, chapters[index + 1]?.start_s ?? duration ?? start, title));
  });
}
