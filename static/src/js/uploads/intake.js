// How files come to the panel: dropped, or chosen. Where the browser can, each comes with a handle that outlives the page.

/** Call `take([{file, handle}])` with what is dropped onto `zone` or chosen by `button`; `refuse()` if that is a folder. */
export function takeFiles({ zone, button, kinds, take, refuse }) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const chosen = await choose(kinds, { multiple: true });
    if (chosen.length) take(chosen);
  });
  zone.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone.classList.add("is-over");
  });
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove("is-over");
  });
  zone.addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone.classList.remove("is-over");
    const dropped = await gather(event.dataTransfer);
    if (dropped.some((one) => !one.file)) refuse();
    const files = dropped.filter((one) => one.file);
    if (files.length) take(files);
  });
  // Beside the panel a browser would leave the page for the film.
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => {
      if (carriesFiles(event) && !event.target.closest?.('input[type="file"]')) event.preventDefault();
    });
  }
}

/** Ask for files of these `kinds`, {accepted, called}; return [{file, handle}], nothing if nobody chose one. */
export async function choose(kinds, { multiple }) {
  if (!window.showOpenFilePicker) return chooseByInput(kinds, multiple);
  const types = [{ description: kinds.called, accept: { "video/*": kinds.accepted } }];
  try {
    const handles = await window.showOpenFilePicker({ multiple, id: "films", types });
    return await Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), handle })));
  } catch (error) {
    if (error.name === "AbortError") return [];
    return chooseByInput(kinds, multiple);
  }
}

/** Open a file that was chosen before; null if that takes a choice anew. Without `ask` nobody is asked for leave. */
export async function reopen(handle, { ask }) {
  try {
    const leave = await handle[ask ? "requestPermission" : "queryPermission"]({ mode: "read" });
    return leave === "granted" ? await handle.getFile() : null;
  } catch {
    return null; // It was moved, or its disk is gone.
  }
}

/** The input is on no page: the desk's own scripts write the names of files that are chosen there into other fields. */
function chooseByInput({ accepted }, multiple) {
  const input = Object.assign(document.createElement("input"), { type: "file", accept: accepted.join(","), multiple });
  return new Promise((resolve) => {
    input.onchange = () => resolve([...input.files].map((file) => ({ file })));
    input.oncancel = () => resolve([]);
    input.click();
  });
}

function carriesFiles(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

/** What a drop carries can be asked only while it happens: every question comes before the first answer. */
function gather(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const asked = items.map((item) => {
    const isFolder = item.webkitGetAsEntry?.()?.isDirectory ?? false;
    const file = isFolder ? null : item.getAsFile();
    const handle = file && item.getAsFileSystemHandle ? item.getAsFileSystemHandle().catch(() => null) : null;
    return { file, handle };
  });
  return Promise.all(asked.map(async ({ file, handle }) => ({ file, handle: (await handle) ?? undefined })));
}
