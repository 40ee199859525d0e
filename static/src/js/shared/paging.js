// "More films" in place of "Next": the next page is added to this one. Without this module it is a page of its own.
// What was added is remembered with the entry in the browser's history, so that the way back leads to the same films.
import { send } from "./http.js";
import { enhanceMoments } from "./moments.js";

// Who has gone further than this starts again from the first page.
const MOST_PAGES = 10;

let grid = null;

export function enhancePaging() {
  grid = document.querySelector("[data-grid]");
  if (!grid) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".pagination [rel=next]");
    const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button);
    if (!link || !isPlain) return;
    event.preventDefault();
    addByPress(link);
  });
  restore();
}

async function addByPress(link) {
  const before = grid.children.length;
  link.setAttribute("aria-busy", "true");
  try {
    await add(link);
  } catch {
    location.assign(link.href);
    return;
  }
  remember({ pages: (history.state?.pages ?? 1) + 1 });
  grid.children[before]?.querySelector("a")?.focus({ preventScroll: true });
}

async function add(link) {
  const response = await send(link.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const added = document.importNode(page.querySelector("[data-grid]"), true);
  enhanceMoments(added);
  grid.append(...added.children);
  const next = page.querySelector(".pagination [rel=next]");
  if (next) link.href = next.getAttribute("href");
  else link.remove();
  link.removeAttribute("aria-busy");
}

/** Bring back what this entry of the history had added when it was left. */
async function restore() {
  addEventListener("pagehide", () => history.state?.pages && remember({ top: scrollY }));
  const { pages = 1, top = 0 } = history.state ?? {};
  for (let page = 1; page < Math.min(pages, MOST_PAGES); page += 1) {
    const link = document.querySelector(".pagination [rel=next]");
    if (!link) break;
    await add(link).catch(() => {});
  }
  if (pages > 1) scrollTo({ top });
}

function remember(what) {
  history.replaceState({ ...history.state, ...what }, "");
}
