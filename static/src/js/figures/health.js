// What is to be said of what an encoder sends.

/** Show a verdict with its findings; null where nobody judges. */
export function showHealth(place, health) {
  if (!place) return;
  const told = JSON.stringify(health ?? null);
  if (place.dataset.told === told) return;
  place.dataset.told = told;
  place.querySelector("[data-verdict]").dataset.verdict = health?.verdict ?? "unknown";
  const template = place.querySelector("[data-finding-template]").content.firstElementChild;
  place.querySelector("[data-findings]").replaceChildren(...(health?.findings ?? []).map((finding) => entry(template, finding)));
}

function entry(template, { severity, title, advice, measured, expected }) {
  const made = document.importNode(template, true);
  made.dataset.severity = severity;
  const put = (name, text) => {
    const place = made.querySelector(`[data-finding-${name}]`);
    place.textContent = text ?? "";
    return place;
  };
  put("title", title);
  put("advice", advice);
  put("measured", measured).parentElement.hidden = !measured;
  put("expected", expected).parentElement.hidden = !expected;
  return made;
}
