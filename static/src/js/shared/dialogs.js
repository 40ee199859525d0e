// Dialogs open by `command="show-modal" commandfor="id"`; this is for browsers that do not know those attributes yet.

export function enhanceDialogs() {
  if ("commandForElement" in HTMLButtonElement.prototype) return;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[commandfor]");
    if (!button) return;
    const dialog = document.getElementById(button.getAttribute("commandfor"));
    const command = button.getAttribute("command");
    if (command === "show-modal") dialog?.showModal();
    if (command === "close") dialog?.close();
  });
}
