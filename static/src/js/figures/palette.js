// The colours of charts, as the stylesheet has them for the theme of now: a canvas wants them resolved.

const scheme = matchMedia("(prefers-color-scheme: dark)");

/** Return a function that resolves the colour of a custom property, such as "--plot-1". */
export function coloursAt(element) {
  const probe = document.createElement("i");
  probe.hidden = true;
  element.append(probe);
  const known = new Map();
  return (name) => {
    if (!known.has(name)) {
      probe.style.color = `var(${name})`;
      known.set(name, getComputedStyle(probe).color);
    }
    return known.get(name);
  };
}

/** Return the same colour, seen through: of `rgb(1, 2, 3)` it makes `rgba(1, 2, 3, alpha)`. */
export function faded(colour, alpha) {
  const [red, green, blue] = colour.match(/[\d.]+/g);
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

export function onThemeChange(action) {
  new MutationObserver(action).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  scheme.addEventListener("change", action);
}
