// A film's file often says what it is called: an empty title is filled in, visibly, and can be emptied again.
import { titleOf } from "./titles.js";
import { fill } from "./wording.js";

/** Offer what the first file's name says as title and year, where the form has none yet. */
export function suggestTitle(panel, form) {
  const note = panel.root.querySelector("[data-upload-suggestion]");
  const fields = { title: form?.elements.namedItem("title"), year: form?.elements.namedItem("year") };
  if (!fields.title || panel.movie) return;

  panel.addEventListener("taken", ({ detail: files }) => {
    const { title, year } = titleOf(files[0].name, { thisYear: new Date().getFullYear() });
    if (fields.title.value.trim() || !title) return;
    const filled = [[fields.title, title]];
    if (year && fields.year && !fields.year.value) filled.push([fields.year, String(year)]);
    for (const [field, value] of filled) write(field, value);
    const words = fill(filled.length > 1 ? panel.words.titleAndYear : panel.words.title, { title, year });
    note.querySelector("[data-upload-suggested]").textContent = words;
    note.hidden = false;
    panel.speak(words);
    note.querySelector("button").onclick = () => {
      // What somebody has written since is theirs.
      for (const [field, value] of filled) if (field.value === value) write(field, "");
      note.hidden = true;
      fields.title.focus();
    };
  });
}

function write(field, value) {
  field.value = value;
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
}
