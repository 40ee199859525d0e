// Select2 puts an element of its own in the place of a select, and leaves the label behind. Screen readers need it.

/** Give each such element, now and whenever one is made, the name of the select's label. */
export function nameSelects(root) {
  const name = () => root.querySelectorAll("select.select2-hidden-accessible").forEach(nameOne);
  name();
  new MutationObserver(name).observe(root, { childList: true, subtree: true });
}

function nameOne(select) {
  const label = select.labels[0]?.textContent.replace("*", "").trim();
  const shown = select.nextElementSibling;
  if (!label || !shown?.matches(".select2")) return;
  for (const part of shown.querySelectorAll('[role="combobox"], [role="textbox"], .select2-search__field')) {
    if (part.getAttribute("aria-label") === label) continue;
    part.setAttribute("aria-label", label);
    // It pointed at the chosen text, which the element shows anyway.
    part.removeAttribute("aria-labelledby");
  }
}
