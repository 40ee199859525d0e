// The form that the panel stands in: it takes the uploads along when it is sent, and nobody loses one by leaving.

const KEPT = "uploads of a new movie";

/** Keep the uploads' ids in the form's hidden field, and stop them in time when it is sent. */
export function joinForm(panel, form, fieldName, { isReloaded }) {
  let isLeaving = false;
  const field = fieldName ? hiddenField(form, fieldName) : null;
  // A reload empties the form; what was uploaded for it is still there.
  if (!isReloaded) sessionStorage.removeItem(KEPT);
  const kept = field ? `${field.value},${sessionStorage.getItem(KEPT) ?? ""}` : "";
  const given = kept.split(",").filter(Boolean);

  if (field) {
    panel.addEventListener("changed", () => {
      field.value = idsOf(panel, given).join(",");
      sessionStorage.setItem(KEPT, field.value);
    });
  }
  form?.addEventListener("submit", async (event) => {
    if (event.defaultPrevented || isLeaving) return;
    if (panel.isSettled) {
      isLeaving = true;
      panel.halt();
      return;
    }
    // A file that the server does not know yet could not be taken along.
    event.preventDefault();
    await panel.settled();
    form.requestSubmit(event.submitter);
  });
  addEventListener("beforeunload", (event) => {
    if (!isLeaving && panel.rows.some((row) => row.isUnderWay)) event.preventDefault();
  });
  addEventListener("pageshow", () => (isLeaving = false));
  return given;
}

/** Those that were worked on here. A half of long ago that nobody touched may be meant for another movie. */
function idsOf(panel, given) {
  const touched = panel.rows.filter((row) => row.id && (row.file || given.includes(row.id)));
  return [...new Set(touched.map((row) => row.id))];
}

function hiddenField(form, name) {
  const there = form.elements.namedItem(name);
  if (there) return there;
  const field = Object.assign(document.createElement("input"), { type: "hidden", name });
  form.append(field);
  return field;
}
