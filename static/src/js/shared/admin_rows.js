// Rows of a form that an editor adds, takes away and puts in order. The server counts them by `<prefix>-TOTAL_FORMS`.

/** Bring the buttons of each list of rows to life. */
export function prepareRows(root, wordsMoved) {
  for (const list of root.querySelectorAll("[data-rows]")) {
    const button = root.querySelector(`[data-add-row="${list.dataset.rows}"]`);
    button.hidden = false;
    button.addEventListener("click", () => addRow(root, list));
    list.addEventListener("click", (event) => {
      const mover = event.target.closest("[data-move]");
      if (mover) move(root, list, mover, wordsMoved);
    });
    list.addEventListener("change", (event) => {
      if (event.target.name?.endsWith("-DELETE"))
        event.target.closest("[data-row]").classList.toggle("is-removed", event.target.checked);
    });
    for (const row of list.children) prepareRow(list, row);
    if (list.querySelector("[data-draggable]")) letDrag(list);
  }
}

/** Write into each row the place at which it stands. */
export function numberRows(root) {
  for (const list of root.querySelectorAll("[data-rows]"))
    [...list.children].forEach((row, place) => {
      const field = row.querySelector('input[name$="-ORDER"]');
      if (field) field.value = place + 1;
    });
}

function prepareRow(list, row) {
  for (const button of row.querySelectorAll("[data-move]")) button.hidden = false;
  for (const field of row.querySelectorAll(".nova-place")) field.hidden = true;
  if (row.matches("[data-draggable]")) row.draggable = false;
}

function addRow(root, list) {
  const prefix = list.dataset.rows;
  const total = root.querySelector(`[name="${prefix}-TOTAL_FORMS"]`);
  const template = root.querySelector(`[data-empty-row="${prefix}"]`);
  const holder = document.createElement("ol");
  holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
  const row = holder.firstElementChild;
  total.value = Number(total.value) + 1;
  list.append(row);
  prepareRow(list, row);
  // What Django's autocompletion waits for.
  row.dispatchEvent(new CustomEvent("formset:added", { bubbles: true, detail: { formsetName: prefix } }));
  row.querySelector("input, select")?.focus();
}

function move(root, list, button, wordsMoved) {
  const row = button.closest("[data-row]");
  const isUp = button.dataset.move === "-1";
  const other = isUp ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  isUp ? other.before(row) : other.after(row);
  numberRows(root);
  button.focus();
  const status = root.querySelector("[data-rows-status]");
  if (status) status.textContent = `${wordsMoved} ${[...list.children].indexOf(row) + 1}`;
}

/** Let a row be dragged by its title; its fields stay fields. */
function letDrag(list) {
  let dragged = null;
  list.addEventListener("pointerdown", (event) => {
    const row = event.target.closest("[data-draggable]");
    if (row) row.draggable = Boolean(event.target.closest(".nova-row-title"));
  });
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-draggable]");
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-draggable]");
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    event.clientY < box.top + box.height / 2 ? over.before(dragged) : over.after(dragged);
  });
  list.addEventListener("dragend", () => {
    dragged = null;
    numberRows(list.parentElement);
  });
}
