// The page of one movie on the editors' desk: tabs, rows that come and go, and what is told while somebody types.
// Without it every part of the page is there, one below the other, and the form saves all the same.
import { numberRows, prepareRows } from "./shared/admin_rows.js";
import { nameSelects } from "./shared/admin_selects.js";
import { suggestTags } from "./shared/admin_tags.js";
import { warnOfSimilarTitles } from "./shared/admin_similar.js";

const page = document.querySelector("[data-tabs]");
if (page) {
  openTabs(page);
  prepareRows(page, page.dataset.wordsMoved);
  nameSelects(page);
  warnOfSimilarTitles(page);
  suggestTags(page);
  page.closest("form")?.addEventListener("submit", () => numberRows(page));
}

/** Make the list of links a list of tabs, as ARIA describes them: arrows move, and one panel is shown. */
function openTabs(root) {
  const list = root.querySelector("[data-tab-list]");
  const tabs = [...list.querySelectorAll("[data-tab]")];
  const key = `tab:${location.pathname}`;
  list.setAttribute("role", "tablist");
  for (const tab of tabs) {
    const panel = root.querySelector(`#tab-${tab.dataset.tab}`);
    tab.id = `tab-of-${tab.dataset.tab}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    tab.parentElement.setAttribute("role", "presentation");
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      choose(tab);
    });
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const edge = { Home: tabs[0], End: tabs.at(-1) }[event.key];
      if (to === undefined && !edge) return;
      event.preventDefault();
      const next = edge ?? tabs[(tabs.indexOf(tab) + to + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    });
  }
  root.classList.add("is-tabbed");
  choose(tabs.find((tab) => tab.querySelector("[data-errors]")) ?? tabs.find(isRemembered) ?? tabs[0]);
  root.querySelector(".nova-panel:not([hidden]) .errors :is(input, select)")?.focus();

  function isRemembered(tab) {
    return location.hash === tab.hash || (!location.hash && sessionStorage.getItem(key) === tab.dataset.tab);
  }

  function choose(chosen) {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      root.querySelector(`#tab-${tab.dataset.tab}`).hidden = !isChosen;
    }
    sessionStorage.setItem(key, chosen.dataset.tab);
  }
}
