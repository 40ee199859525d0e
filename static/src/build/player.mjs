// Bundle the film's player: `node player.mjs static/src/js/player.js --outdir=…`, in pieces that are fetched when needed.
//
// hls.js comes from its sources, not from its bundle, which brings what this portal has no use for and is half as large
// again: what we play is fragmented MP4, without encryption and without other people's advertisements. Its parts are
// left out by hls.js's own switches; what it has no switch for stands in NOT_PLAYED.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const HLS = dirname(createRequire(import.meta.url).resolve("hls.js/package.json"));
const SOURCES = join(HLS, "src");
const NEEDED = ["ALT_AUDIO", "SUBTITLES", "MEDIA_CAPABILITIES"];
const NOT_NEEDED = [
  "CMCD",
  "CONTENT_STEERING",
  "EME_DRM",
  "IFRAMES",
  "INTERSTITIALS",
  "M2TS_ADVANCED_CODECS",
  "VARIABLE_SUBSTITUTION",
];
// MPEG-2 transport streams and bare sound: they are recognised by nobody, as hls.js asks each of them whether it is.
const NOT_PLAYED = ["demux/tsdemuxer", "demux/audio/aacdemuxer", "demux/audio/mp3demuxer"];
const RECOGNISES_NOTHING = "export default class { static probe() { return false; } }";

const { values, positionals } = parseArgs({ options: { outdir: { type: "string" } }, allowPositionals: true });
const { version } = JSON.parse(await readFile(join(HLS, "package.json"), "utf8"));

await build({
  entryPoints: positionals,
  outdir: values.outdir,
  bundle: true,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  target: "es2022",
  minify: true,
  logLevel: "warning",
  alias: {
    "hls.js": join(SOURCES, "exports-named.ts"),
    // Modules, for what wraps others is a file of its own, which the film would wait for.
    eventemitter3: join(HLS, "../eventemitter3/dist/eventemitter3.esm.js"),
    "url-toolkit": fileURLToPath(new URL("absolute_url.js", import.meta.url)),
  },
  define: {
    __VERSION__: JSON.stringify(version),
    __IN_WORKER__: "false",
    __HLS_WORKER_BUNDLE__: "undefined",
    ...switches(NEEDED, true),
    ...switches(NOT_NEEDED, false),
  },
  plugins: [{ name: "not-played", setup: leaveOut }],
});

function switches(names, value) {
  return Object.fromEntries(names.map((name) => [`__USE_${name}__`, String(value)]));
}

function leaveOut({ onLoad }) {
  onLoad({ filter: /[\\/]demux[\\/].*\.ts$/ }, ({ path }) => {
    const name = relative(SOURCES, path).split(sep).join("/").replace(/\.ts$/, "");
    return NOT_PLAYED.includes(name) ? { contents: RECOGNISES_NOTHING, loader: "js" } : undefined;
  });
}
