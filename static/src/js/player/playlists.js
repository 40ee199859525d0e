// What the player reads in playlists before hls.js does, and how it asks for what they name.

const ATTRIBUTE = /([A-Z0-9-]+)=("[^"]*"|[^,]*)/g;
const LEVEL = /^#EXT-X-STREAM-INF:(.*)\r?\n([^#\s].*)/gm;
const SOUND = /^#EXT-X-MEDIA:(.*TYPE=AUDIO.*)/gm;

/** Return the levels of a multivariant playlist that this browser can play, and its sounds; as hls.js counts bitrates. */
export function readMaster(text) {
  const levels = Array.from(text.matchAll(LEVEL), ([, line, uri]) => levelOf(attributesOf(line), uri.trim()));
  const sounds = Array.from(text.matchAll(SOUND), ([, line]) => attributesOf(line));
  return {
    levels: levels.filter(({ codecs }) => MediaSource.isTypeSupported(`video/mp4; codecs="${codecs}"`)),
    sounds: sounds.map((sound) => ({ group: sound["GROUP-ID"], uri: sound.URI })),
  };
}

/** Playlists name files as they lie there; some edges want a signature behind each name. */
export function withQuery(url, query) {
  return url.includes(query) ? url : `${url}${url.includes("?") ? "&" : "?"}${query}`;
}

function levelOf(attributes, uri) {
  return {
    uri,
    bitrate: Number(attributes["AVERAGE-BANDWIDTH"] ?? attributes.BANDWIDTH),
    width: Number(attributes.RESOLUTION?.split("x")[0] ?? 0),
    codecs: attributes.CODECS,
    audio: attributes.AUDIO,
  };
}

function attributesOf(line) {
  return Object.fromEntries(Array.from(line.matchAll(ATTRIBUTE), ([, name, value]) => [name, value.replaceAll('"', "")]));
}
