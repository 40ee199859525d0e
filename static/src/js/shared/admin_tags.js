// Suggest tags for the word behind the last comma. Each suggestion is a button, so the keyboard reaches it.
const PAUSE_MS = 250;
const MOST = 8;

export function suggestTags(root) {
  const field = root.querySelector("[data-tags]");
  if (!field) return;
  const list = document.createElement("ul");
  list.className = "nova-suggestions";
  list.setAttribute("aria-live", "polite");
  field.after(list);
  let waiting;
  let asked = 0;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE_MS);
  });

  async function ask() {
    const number = ++asked;
    const term = field.value.split(",").at(-1).trim();
    if (!term) return list.replaceChildren();
    const query = new URLSearchParams({ app_label: "catalog", model_name: "movie", field_name: "tags", term });
    try {
      const response = await fetch(`${root.dataset.suggestionsUrl}?${query}`);
      const { results } = response.ok ? await response.json() : { results: [] };
      const begins = ({ text }) => text.toLowerCase().startsWith(term.toLowerCase());
      results.sort((one, other) => begins(other) - begins(one));
      if (number === asked) list.replaceChildren(...results.slice(0, MOST).map(suggestion));
    } catch {
      list.replaceChildren();
    }
  }

  function suggestion({ text }) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "nova-button";
    button.textContent = text;
    button.addEventListener("click", () => {
      const before = field.value.split(",").slice(0, -1).map((part) => part.trim());
      field.value = `${[...before, text].join(", ")}, `;
      list.replaceChildren();
      field.focus();
    });
    item.append(button);
    return item;
  }
}
