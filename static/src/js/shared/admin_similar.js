// Tell while a title is typed that the catalogue has one like it. It is a hint: the server asks again when it is saved.
const PAUSE_MS = 350;

export function warnOfSimilarTitles(root) {
  const [title, original] = ["title", "original_title"].map((name) => root.querySelector(`[name="${name}"]`));
  const place = root.querySelector("[data-similar]");
  if (!title || !place) return;
  let waiting;
  let asked = 0;
  for (const field of [title, original])
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, PAUSE_MS);
    });

  async function ask() {
    const number = ++asked;
    const query = new URLSearchParams({ title: title.value, original_title: original.value });
    if (root.dataset.movie) query.set("except", root.dataset.movie);
    let movies = [];
    try {
      const response = await fetch(`${root.dataset.similarUrl}?${query}`, { headers: { Accept: "application/json" } });
      if (response.ok) ({ movies } = await response.json());
    } catch {
      // Without an answer there is nothing to tell.
    }
    if (number === asked) show(movies);
  }

  function show(movies) {
    const links = movies.map((movie) => {
      const link = document.createElement("a");
      link.href = new URL(movie.url, new URL(root.dataset.similarUrl, location.href));
      link.target = "_blank";
      link.className = "nova-link";
      link.textContent = `${movie.title} (${movie.year})`;
      return link;
    });
    place.replaceChildren(`${root.dataset.wordsSimilar} `, ...links.flatMap((link, at) => (at ? [", ", link] : [link])));
    place.hidden = !movies.length;
  }
}
