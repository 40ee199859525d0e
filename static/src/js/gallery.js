// The component gallery: buttons that show each kind of toast.
import { showToast } from "./shared/toasts.js";

document.querySelectorAll("[data-sample-toast]").forEach((button) => {
  button.addEventListener("click", () => showToast(button.dataset.text, button.dataset.sampleToast));
});
