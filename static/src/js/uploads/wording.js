// What the panel says: its words come from the page, translated; sizes, speeds and times are said as the language does.

const LANGUAGE = document.documentElement.lang || "en";
// As the server counts where it says sizes itself.
const STEP = 1024;
const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
const TIME_UNITS = [["hour", 3600], ["minute", 60], ["second", 1]];

/** Return the words of a panel by name. */
export function readWords(root) {
  const said = root.querySelector("[data-upload-words]").content.querySelectorAll("[data-word]");
  return Object.fromEntries([...said].map((one) => [one.dataset.word, one.textContent.trim()]));
}

/** Put values into the places of a text: "{percent} % there". */
export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

export function sayBytes(bytes) {
  const [value, unit] = scaled(bytes);
  return sayQuantity(value, unit, unit === "byte" ? "long" : "short");
}

export function saySpeed(bytesPerSecond) {
  const [value, unit] = scaled(bytesPerSecond);
  return sayQuantity(value, `${unit}-per-second`);
}

/** Say how long something takes, in the largest unit that it fills: nobody needs the seconds of an hour. */
export function sayTime(seconds) {
  const [unit, length] = TIME_UNITS.find(([, each]) => seconds >= each) ?? TIME_UNITS.at(-1);
  return sayQuantity(Math.max(1, Math.ceil(seconds / length)), unit, "long");
}

function scaled(bytes) {
  const step = bytes < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log(bytes) / Math.log(STEP)));
  return [bytes / STEP ** step, BYTE_UNITS[step]];
}

function sayQuantity(value, unit, unitDisplay = "short") {
  const digits = value < 10 && !Number.isInteger(value) ? 1 : 0;
  const style = { style: "unit", unit, unitDisplay, maximumFractionDigits: digits };
  return new Intl.NumberFormat(LANGUAGE, style).format(value);
}
