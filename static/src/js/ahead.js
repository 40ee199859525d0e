// Ask for the beginning of a film while the script that plays it is still on its way.
import { ask } from "./player/ahead.js";
import { firstLevel } from "./player/bandwidth.js";
import { readMaster, withQuery } from "./player/playlists.js";
import { startingPosition } from "./player/positions.js";

const { id, is_signed_in: isSignedIn, ...playback } = JSON.parse(document.currentScript.dataset.told);
const engine = new URL(location.href).searchParams.get("engine") ?? "hls";

// A page that was made ahead of time may never be looked at.
if (engine === "hls" && "MediaSource" in window && !document.prerendering) begin();

function begin() {
  const master = ask(playback.hls_url, "text");
  master.addEventListener("load", () => master.status === 200 && follow(readMaster(master.response)));
}

function follow({ levels, sounds }) {
  const useful = noLargerThanWindow(levels);
  const level = useful[firstLevel(useful)];
  if (!level) return;
  askForTrack(level.uri);
  const heard = sounds.filter(({ group, uri }) => uri && group === level.audio);
  // Which of several it will be is not known here.
  if (heard.length === 1) askForTrack(heard[0].uri);
}

/** The player is never wider than the window; asking how wide it is would have the browser lay out the page for it. */
function noLargerThanWindow(levels) {
  const ascending = levels.toSorted((one, other) => one.bitrate - other.bitrate);
  const enough = ascending.findIndex(({ width }) => width >= outerWidth * devicePixelRatio);
  return enough < 0 ? ascending : ascending.slice(0, enough + 1);
}

function askForTrack(uri) {
  const playlist = new URL(uri, playback.hls_url).href;
  askForMedia(playlist, "text");
  askForMedia(new URL("init.mp4", playlist).href, "arraybuffer");
  // Which segment another place is in only the playlist knows.
  if (isFromTheBeginning()) askForMedia(new URL("1.m4s", playlist).href, "arraybuffer");
}

function askForMedia(url, type) {
  ask(url, type, playback.media_query ? withQuery(url, playback.media_query) : url);
}

function isFromTheBeginning() {
  return startingPosition({ id, playback, isSignedIn }) === 0;
}
