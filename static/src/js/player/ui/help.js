// The sheet of keys, and the switch for those whom keys of a single letter get in the way (WCAG 2.1.4).

const NAME = "shortcuts";

export function attachHelp({ find, flash, words, memory }) {
  const dialog = find("[data-player-help]");
  const choice = dialog.querySelector("[data-help-shortcuts]");
  choice.checked = memory.recall(NAME) !== false;
  choice.addEventListener("change", () => {
    memory.remember(NAME, choice.checked);
    flash(choice.checked ? words.shortcutsOn : words.shortcutsOff);
  });
  dialog.querySelector("[data-help-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  return { open: () => dialog.showModal(), areShortcutsOn: () => choice.checked };
}
