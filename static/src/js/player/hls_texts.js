// The texts of what hls.js plays. It fetches and reads them; they stand in tracks of ours, which lose none.
//
// In tracks of its own they get lost, and never come again, since it takes for there what it has read once: a browser
// empties such a track when it begins to load the track's own (empty) file, and whatever is read before the video is
// attached, or while the track is off, is dropped.
import Hls from "hls.js";

const { Events } = Hls;
const FOR_THE_DEAF = "public.accessibility.transcribes-spoken-dialog";

// That no track meets: hls.js chooses none by itself. What is shown is decided here alone.
export const TEXT_SETTINGS = { renderTextTracksNatively: false, subtitlePreference: { lang: "zxx" } };

export class HlsTexts {
  #video;
  #tell;
  #hls = null;
  // What can be chosen: of the film before, until it is known what the one that begins has.
  #known = [];
  // The language and the name of what the viewer chose; null if nothing.
  #wanted = null;
  // By what they are called. A browser takes none of them away again, so films that begin anew share them.
  #tracks = new Map();

  /** `tell` is called whenever there are other texts, or another one is chosen. */
  constructor(video, tell) {
    this.#video = video;
    this.#tell = tell;
  }

  /** Follow what plays from now on. */
  begin(hls, { isLive }) {
    this.#hls = hls;
    this.#forget(Infinity);
    this.#show();
    const on = (event, action) => hls.on(event, (_, data) => hls === this.#hls && action(data));
    on(Events.MANIFEST_PARSED, ({ subtitleTracks }) => subtitleTracks.length || this.#learn([]));
    on(Events.SUBTITLE_TRACKS_UPDATED, ({ subtitleTracks }) => this.#learn(subtitleTracks));
    on(Events.SUBTITLE_TRACK_SWITCH, () => this.#settleSoon());
    // Which of the forced ones is shown is a matter of the language that is heard.
    on(Events.AUDIO_TRACK_SWITCHED, () => this.#settleSoon());
    on(Events.CUES_PARSED, ({ subtitleTrack, cues }) => subtitleTrack && add(this.#trackOf(subtitleTrack), cues));
    // Of a film all are kept: they are few. A broadcast has no end.
    if (isLive) on(Events.BUFFER_FLUSHING, ({ endOffsetSubtitles }) => this.#forget(endOffsetSubtitles ?? 0));
    this.#video.textTracks.addEventListener("change", this.#hear);
  }

  end() {
    this.#video.textTracks.removeEventListener("change", this.#hear);
    this.#hls = null;
  }

  /** Those that can be chosen. Forced ones belong to the film: they are shown where none is chosen. */
  list() {
    const all = this.#known.map((track, index) => ({
      index,
      label: track.name,
      language: track.lang ?? "",
      kind: kindOf(track),
      isDefault: Boolean(track.default),
      isForced: Boolean(track.forced),
    }));
    return all.filter(({ isForced }) => !isForced);
  }

  get chosen() {
    return indexOf(this.#wanted, this.#known);
  }

  choose(index) {
    const track = this.#known[index];
    this.#wanted = track && !track.forced ? { lang: track.lang, name: track.name } : null;
    this.#settle();
  }

  #learn(tracks) {
    // Its own list is emptied when it is done with.
    this.#known = [...tracks];
    // All of them at once: a browser's own menu lists them.
    tracks.forEach((track) => this.#trackOf(track));
    this.#settleSoon();
  }

  /** hls.js goes on with a choice of its own once it has told: what is wanted is chosen after that. */
  #settleSoon() {
    queueMicrotask(() => this.#settle());
  }

  /** Let hls.js fetch what is to be seen, and show it; it may be called at any time, and does nothing where it is so. */
  #settle() {
    if (!this.#hls) return;
    const index = this.#indexToShow();
    if (index !== this.#hls.subtitleTrack) this.#hls.subtitleTrack = index;
    this.#show();
    this.#tell();
  }

  /** Return what was chosen; else what translates signs and foreign words for those who hear the film; -1 if none. */
  #indexToShow() {
    const { subtitleTracks: tracks, audioTracks, audioTrack } = this.#hls;
    const chosen = indexOf(this.#wanted, tracks);
    if (chosen >= 0) return chosen;
    return tracks.findIndex(({ forced, lang }) => forced && lang === audioTracks[audioTrack]?.lang);
  }

  get #shown() {
    const track = this.#hls.subtitleTracks[this.#hls.subtitleTrack];
    return track && this.#trackOf(track);
  }

  #show() {
    const shown = this.#shown;
    for (const track of this.#tracks.values()) {
      const mode = track === shown ? "showing" : "hidden";
      if (track.mode !== mode) track.mode = mode;
    }
  }

  /** Take up what was chosen in a menu of the browser's own, as phones show it; our own doing changes nothing here. */
  #hear = () => {
    const shown = this.#shown;
    const seen = [...this.#tracks.values()].filter(({ mode }) => mode === "showing");
    if (seen.length === (shown ? 1 : 0) && seen[0] === shown) return;
    if (seen.includes(shown)) this.#show();
    else this.choose(this.#known.findIndex((track) => this.#trackOf(track) === seen[0]));
  };

  /** Take out what is over by then. */
  #forget(end) {
    for (const track of this.#tracks.values()) {
      for (const cue of [...listOf(track)]) if (cue.endTime <= end) track.removeCue(cue);
    }
  }

  #trackOf(track) {
    const name = JSON.stringify([kindOf(track), track.name, track.lang, track.forced]);
    if (!this.#tracks.has(name)) {
      const made = this.#video.addTextTrack(kindOf(track), track.name, track.lang ?? "");
      made.mode = "hidden";
      this.#tracks.set(name, made);
    }
    return this.#tracks.get(name);
  }
}

function kindOf({ attrs }) {
  return (attrs?.CHARACTERISTICS ?? "").includes(FOR_THE_DEAF) ? "captions" : "subtitles";
}

/** Return which track is the wanted one; where the film has begun anew with other names, one in its language. */
function indexOf(wanted, tracks) {
  if (!wanted) return -1;
  const find = (isIt) => tracks.findIndex((track) => !track.forced && track.lang === wanted.lang && isIt(track));
  const same = find(({ name }) => name === wanted.name);
  return same >= 0 ? same : find(() => true);
}

function add(track, cues) {
  const there = listOf(track);
  for (const cue of cues) if (!there.getCueById(cue.id)) track.addCue(cue);
}

function listOf(track) {
  // A track that a menu has switched off tells nothing of its cues.
  if (track.mode === "disabled") track.mode = "hidden";
  return track.cues;
}
