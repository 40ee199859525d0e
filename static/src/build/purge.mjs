// Leave out of a stylesheet what no page of the portal can use: `node purge.mjs --file=app.css`, in place.
//
// basecoat is one sheet for all its components. A rule goes if every selector of it asks for a class that no page has;
// nothing else is judged, so what stays means what it meant. Names of classes stand in `class` attributes, and in the
// strings of templates' tags, of scripts and of template tags. Words of prose must not count, or "card" keeps one.
import { glob, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import postcss from "postcss";
import selectorParser from "postcss-selector-parser";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PAGES = ["templates/**/*.html"];
const CODE = ["static/src/js/**/*.js", "*/templatetags/*.py", "portal/pictures.py"];
// The editors' desk has a sheet of its own.
const DESK = /\badmin/;
const CLASSES = /\bclass="((?:\{[{%].*?[}%]\}|[^"])*)"/gs;
const TAG = /\{[{%].*?[}%]\}/gs;
const STRING = /"([^"\n]*)"|'([^'\n]*)'|`([^`]*)`/g;
// Classes of basecoat that no page has, and words of scripts all the same: elements, roles, attributes.
const WORDS = new Set(["select", "combobox", "command"]);
// The server and scripts put these together from a word and its kind: `is-{{ kind }}`.
const PUT_TOGETHER = /^is-/;

const { values } = parseArgs({ options: { file: { type: "string" } } });
const known = new Set();
for (const text of await read(PAGES)) classesOfPage(text).forEach((name) => known.add(name));
for (const text of await read(CODE)) strings(text).forEach((name) => WORDS.has(name) || known.add(name));
const sheet = postcss.parse(await readFile(values.file, "utf8"));
sheet.walkRules((rule) => purge(rule));
sheet.walkAtRules((rule) => rule.nodes?.length === 0 && rule.name !== "layer" && rule.remove());
await writeFile(values.file, sheet.toString());

async function read(patterns) {
  const texts = [];
  for await (const path of glob(patterns, { cwd: ROOT })) {
    if (!DESK.test(path)) texts.push(await readFile(ROOT + path, "utf8"));
  }
  return texts;
}

function classesOfPage(text) {
  const written = [...text.matchAll(CLASSES)].flatMap(([, value]) => value.replace(TAG, " ").split(/\s+/));
  const told = [...text.matchAll(TAG)].flatMap(([tag]) => strings(tag));
  return [...written, ...told];
}

function strings(text) {
  return [...text.matchAll(STRING)].flatMap((found) => found.slice(1).filter(Boolean)).flatMap(words);
}

function words(text) {
  return text.match(/[\w-]+/g) ?? [];
}

function purge(rule) {
  if (rule.parent.name?.endsWith("keyframes")) return;
  const selectors = selectorParser().astSync(rule.selector);
  const kept = selectors.filter((selector) => !asksInVain(selector));
  if (kept.length === 0) rule.remove();
  else if (kept.length < selectors.length) rule.selector = kept.join(",");
}

/** Tell whether a selector can match nothing: one of its classes, or each way of an `:is()`, is on no page. */
function asksInVain(selector) {
  return selector.some((node) => {
    if (node.type === "class") return !known.has(node.value) && !PUT_TOGETHER.test(node.value);
    return [":is", ":where", ":has"].includes(node.value) && node.nodes.every(asksInVain);
  });
}
