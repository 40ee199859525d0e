// Cut the fonts of the packages to what the pages use: `node fonts.mjs --outdir=FOLDER`.
//
// Which letters a file holds stands in fonts.css, as its unicode-range; which axes it keeps, here. An axis that is cut
// to one value halves the file: titles have one weight, and use the width and the optical size.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import subsetFont from "subset-font";

const PACKAGES = new URL("../../../node_modules/@fontsource-variable/", import.meta.url);
const SHEET = new URL("../css/fonts.css", import.meta.url);

const DISPLAY = { opsz: { min: 14, max: 96, default: 96 }, wght: 680, wdth: { min: 75, max: 84, default: 75 } };
const TEXT = { wght: { min: 400, max: 700, default: 400 } };
const bricolage = (subset) => `bricolage-grotesque/files/bricolage-grotesque-${subset}-standard-normal.woff2`;
const hanken = (subset) => `hanken-grotesk/files/hanken-grotesk-${subset}-wght-normal.woff2`;

const FILES = {
  "display-basic.woff2": { from: bricolage("latin"), axes: DISPLAY },
  "display-latin.woff2": { from: bricolage("latin"), axes: DISPLAY },
  "display-latin-ext.woff2": { from: bricolage("latin-ext"), axes: DISPLAY },
  "text-latin.woff2": { from: hanken("latin"), axes: TEXT },
  "text-latin-ext.woff2": { from: hanken("latin-ext"), axes: TEXT },
  "thai.woff2": { from: "noto-sans-thai/files/noto-sans-thai-thai-wght-normal.woff2", axes: TEXT },
};
// What browsers apply unasked, what Thai is put together with, and the figures of one width that tables ask for.
const FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "rlig", "liga", "clig", "calt", "dist", "abvm", "blwm", "tnum"];

const { values } = parseArgs({ options: { outdir: { type: "string" } } });
await mkdir(values.outdir, { recursive: true });
const sheet = await readFile(SHEET, "utf8");
for (const [name, { from, axes }] of Object.entries(FILES)) {
  const font = await subsetFont(await readFile(new URL(from, PACKAGES)), lettersOf(name), {
    targetFormat: "woff2",
    noHinting: true,
    keepFeatures: FEATURES,
    variationAxes: axes,
  });
  await writeFile(`${values.outdir}/${name}`, font);
}

/** Return all letters of the unicode-range of the @font-face that names a file. */
function lettersOf(name) {
  const face = sheet.split("@font-face").find((text) => text.includes(`fonts/${name}`));
  const range = face?.match(/unicode-range:([^;]+);/)?.[1];
  if (!range) throw new Error(`fonts.css has no @font-face with a unicode-range for ${name}.`);
  return range.split(",").map(lettersBetween).join("");
}

function lettersBetween(range) {
  const [first, last = first] = range.trim().slice(2).split("-").map((digits) => parseInt(digits, 16));
  return String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, place) => first + place));
}
