// Films come in on the editors' desk: the panel on a movie's Media tab, and beside the form of a new one.
import { joinForm } from "./uploads/form.js";
import { UploadPanel } from "./uploads/panel.js";
import { suggestTitle } from "./uploads/suggestion.js";

const root = document.querySelector("[data-upload-panel]");
if (root) {
  const panel = new UploadPanel(root);
  const form = root.closest("form") ?? document.querySelector("#movie_form");
  const isReloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  const given = joinForm(panel, form, root.dataset.field, { isReloaded });
  suggestTitle(panel, form);
  panel.open({ goesOn: (row) => Boolean(panel.movie) || given.includes(row.id) });
  panel.restore(given);
}
