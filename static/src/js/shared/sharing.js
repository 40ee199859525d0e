// The Share button: the device's own sheet where there is one, else the address goes to the clipboard.
import { showToast } from "./toasts.js";

export function enhanceSharing() {
  document.querySelectorAll("[data-share]").forEach((button) => {
    button.hidden = !(navigator.share || navigator.clipboard);
    button.addEventListener("click", () => share(button.dataset));
  });
}

async function share({ share: url, shareTitle: title, copiedText }) {
  try {
    if (navigator.share) {
      await navigator.share({ title, url });
    } else {
      await navigator.clipboard.writeText(url);
      showToast(copiedText, "success");
    }
  } catch {
    // Whoever closed the sheet, or keeps the clipboard to themselves, has answered.
  }
}
