// What shows the engine follows it.

/** Call `show` with the engine now, and again whenever it says one of `names`. */
export function watchEngine({ engine }, names, show) {
  for (const name of names) engine.addEventListener(name, () => show(engine));
  show(engine);
}
