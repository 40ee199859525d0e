// The elements of media-chrome that the player uses, and its words in the viewer's language.
import "./adopted_styles.js";
import "media-chrome/dist/media-controller.js";
import "media-chrome/dist/media-airplay-button.js";
import "media-chrome/dist/media-cast-button.js";
import "media-chrome/dist/media-fullscreen-button.js";
import "media-chrome/dist/media-mute-button.js";
import "media-chrome/dist/media-pip-button.js";
import "media-chrome/dist/media-play-button.js";
import "media-chrome/dist/media-preview-chapter-display.js";
import "media-chrome/dist/media-preview-thumbnail.js";
import "media-chrome/dist/media-preview-time-display.js";
import "media-chrome/dist/media-time-range.js";
import "media-chrome/dist/media-volume-range.js";
import { addTranslation, setLanguage } from "media-chrome/dist/utils/i18n.js";

const LANGUAGE = "nova";
// What media-chrome calls its words, and what the page calls them.
const NAMES = {
  "video player": "playerName",
  play: "play",
  pause: "pause",
  mute: "mute",
  unmute: "unmute",
  volume: "volume",
  seek: "seek",
  "enter fullscreen mode": "enterFullscreen",
  "exit fullscreen mode": "exitFullscreen",
  "enter picture in picture mode": "enterPip",
  "exit picture in picture mode": "exitPip",
  "start airplay": "startAirplay",
  "stop airplay": "stopAirplay",
  "start casting": "startCasting",
  "stop casting": "stopCasting",
  hour: "hour",
  hours: "hours",
  minute: "minute",
  minutes: "minutes",
  second: "second",
  seconds: "seconds",
  "{currentTime} of {totalTime}": "timeOf",
  "video not loaded, unknown time.": "timeUnknown",
  "chapter: {chapterName}": "chapter",
};

/** Let media-chrome say what the page says; elements that are made from now on do. */
export function translateChrome(words) {
  addTranslation(LANGUAGE, Object.fromEntries(Object.entries(NAMES).map(([theirs, ours]) => [theirs, words[ours]])));
  setLanguage(LANGUAGE);
}
