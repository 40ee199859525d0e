// What this browser remembers of its uploads between pages: when the file was last changed, and where it lies.
// A browser that keeps nothing, as in a private window, only has to be shown the file again.

const STORE = "files";
const KEPT_FOR_MS = 30 * 24 * 3600 * 1000;

/** Remember of an upload {lastModified, handle, isPaused}, or parts of it. */
export async function remember(id, facts) {
  const known = await recall(id);
  await ask("readwrite", (store) => store.put({ ...known, ...facts, at: Date.now() }, id));
}

/** Return what is remembered of an upload; nothing is an empty object. */
export async function recall(id) {
  return (await ask("readonly", (store) => store.get(id))) ?? {};
}

export async function forget(id) {
  await ask("readwrite", (store) => store.delete(id));
}

/** Forget what is too old for any server to have kept its half. */
export async function forgetOld() {
  const oldest = Date.now() - KEPT_FOR_MS;
  const ids = (await ask("readonly", (store) => store.getAllKeys())) ?? [];
  for (const id of ids) {
    if (((await recall(id)).at ?? 0) < oldest) await forget(id);
  }
}

/** Keep other windows from sending the same upload. Return how to let go of it; null: another window has it. */
export function claim(id) {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve) => {
    navigator.locks.request(`upload:${id}`, { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(null);
      return new Promise((release) => resolve(release));
    });
  });
}

async function ask(mode, question) {
  try {
    const database = await open();
    const answer = await answered(question(database.transaction(STORE, mode).objectStore(STORE)));
    database.close();
    return answer;
  } catch {
    return undefined;
  }
}

function open() {
  const opening = indexedDB.open("nova-uploads", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  return answered(opening);
}

function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
