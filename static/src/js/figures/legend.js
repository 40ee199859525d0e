// Which line is which, and what it says where the cursor stands.

/** Return how to write the values of a legend, one for each line. */
export function showLegend(place, lines, colour) {
  const values = lines.map(() => document.createElement("b"));
  const entries = lines.map(({ label, colour: name, dash }, number) => {
    const entry = document.createElement("li");
    const swatch = document.createElement("i");
    const ground = colour(name);
    swatch.style.background = dash ? `repeating-linear-gradient(90deg, ${ground} 0 5px, transparent 5px 8px)` : ground;
    entry.append(swatch, label, " ", values[number]);
    return entry;
  });
  place.replaceChildren(...entries);
  return (texts) => texts.forEach((text, number) => (values[number].textContent = text));
}
