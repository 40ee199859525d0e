// What the player remembers in this browser. Where it may not, it forgets, and plays all the same.

export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(`nova:${name}`));
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(`nova:${name}`, JSON.stringify(value));
  } catch {
    // Full, or forbidden: nothing that is kept here is worth an error.
  }
}
