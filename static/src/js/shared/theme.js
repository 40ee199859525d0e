// The theme changes at once; the form's own POST remembers it. Without this module the same form reloads the page.
import { send } from "./http.js";
import { announce } from "./toasts.js";

export function enhanceThemeMenu() {
  document.querySelectorAll("form[data-theme-form]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      const chosen = event.submitter;
      if (!chosen || chosen.name !== "theme") return;
      event.preventDefault();
      choose(form, chosen);
    });
  });
}

async function choose(form, chosen) {
  const body = new FormData(form, chosen);
  show(chosen.value);
  announce(chosen.dataset.announce ?? "");
  try {
    await send(form.action, { method: "POST", body, redirect: "manual" });
  } catch {
    // The server says why, on a page of its own.
    submitPlainly(form, chosen);
  }
}

function show(theme) {
  document.documentElement.dataset.theme = theme;
  document.querySelectorAll('form[data-theme-form] button[name="theme"]').forEach((button) => {
    button.setAttribute("aria-pressed", String(button.value === theme));
  });
}

function submitPlainly(form, chosen) {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = chosen.name;
  field.value = chosen.value;
  form.append(field);
  form.submit();
}
