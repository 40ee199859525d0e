// What is to be said of what an encoder sends. Who judges it writes one language: the page has the words of its own.

/** Show a verdict with its findings, in `words` by their code; null where nobody judges. */
export function showHealth(place, health, words) {
  if (!place) return;
  const told = JSON.stringify(health ?? null);
  if (place.dataset.told === told) return;
  place.dataset.told = told;
  place.querySelector("[data-verdict]").dataset.verdict = health?.verdict ?? "unknown";
  const template = place.querySelector("[data-finding-template]").content.firstElementChild;
  place.querySelector("[data-findings]").replaceChildren(...(health?.findings ?? []).map((finding) => entry(template, finding, words)));
}

/** Show a verdict in a list, with the first of its reasons. */
export function showVerdict(cell, { verdict, findings }, words) {
  cell.querySelector("[data-verdict]").dataset.verdict = verdict;
  const reason = cell.querySelector("[data-finding]");
  reason.textContent = words[findings[0]]?.title ?? "";
  reason.hidden = findings.length === 0;
}

function entry(template, { code, severity, title, advice, measured, expected }, words) {
  const made = document.importNode(template, true);
  made.dataset.severity = severity;
  const put = (name, text) => {
    const place = made.querySelector(`[data-finding-${name}]`);
    place.textContent = text ?? "";
    return place;
  };
  put("title", words[code]?.title ?? title);
  put("advice", words[code]?.advice ?? advice);
  put("measured", measured).parentElement.hidden = !measured;
  put("expected", expected).parentElement.hidden = !expected;
  return made;
}
