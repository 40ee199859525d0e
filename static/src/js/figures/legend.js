// Which line is which, and what it says where the cursor stands.

/** Return how to write the values of a legend, one for each line. `definitions` is where its words are explained. */
export function showLegend(place, lines, colour, definitions) {
  const values = lines.map(() => document.createElement("b"));
  const entries = lines.map(({ label, means, colour: name, dash }, number) => {
    const entry = document.createElement("li");
    const swatch = document.createElement("i");
    const ground = colour(name);
    swatch.style.background = dash ? `repeating-linear-gradient(90deg, ${ground} 0 5px, transparent 5px 8px)` : ground;
    entry.append(swatch, means ? linkTo(`${definitions}#${means}`, label) : label, " ", values[number]);
    return entry;
  });
  place.replaceChildren(...entries);
  return (texts) => texts.forEach((text, number) => (values[number].textContent = text));
}

function linkTo(href, textContent) {
  return Object.assign(document.createElement("a"), { href, textContent });
}
