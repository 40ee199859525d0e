// Pictures on the editors' desk: a file is shown before it is sent, and each crop as it will be. The form works without.
for (const editor of document.querySelectorAll("[data-artwork-editor]")) edit(editor);

function edit(editor) {
  const part = (name) => editor.querySelector(`[data-artwork-${name}]`);
  const picture = part("picture");
  const crops = editor.querySelectorAll("[data-artwork-crop]");
  const [across, down] = editor.querySelectorAll('input[type="range"]');
  const file = editor.querySelector('input[type="file"]');
  let shown = "";

  for (const slider of [across, down]) slider.addEventListener("input", show);
  for (const image of [picture, ...crops]) image.addEventListener("load", show);
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    across.value = (event.clientX - box.left) / box.width;
    down.value = (event.clientY - box.top) / box.height;
    show();
  });
  // On its way down: the desk listens on every file field, for a text field that only its own kind has beside it.
  editor.addEventListener("change", (event) => {
    if (event.target !== file) return;
    event.stopPropagation();
    const [chosen] = file.files;
    if (chosen) preview(chosen);
  }, true);
  show();

  function preview(chosen) {
    URL.revokeObjectURL(shown);
    shown = URL.createObjectURL(chosen);
    for (const image of [picture, ...crops]) image.src = shown;
    across.value = down.value = 0.5;
    for (const name of ["whole", "crops", "sliders"]) part(name).hidden = false;
  }

  function show() {
    const focal = { x: Number(across.value), y: Number(down.value) };
    const point = part("point");
    point.style.left = `${focal.x * 100}%`;
    point.style.top = `${focal.y * 100}%`;
    for (const crop of crops) crop.style.objectPosition = position(crop, focal);
    describe(across, focal);
    describe(down, focal);
  }

  /** A slider says where the point is in both directions: half of it is no place. */
  function describe(slider, { x, y }) {
    const words = editor.dataset.at.replace("{x}", Math.round(x * 100)).replace("{y}", Math.round(y * 100));
    slider.setAttribute("aria-valuetext", words);
  }
}

/** Place a crop as crop_box in catalog/artwork/frames.py does: around the point, as nearly as the edges allow. */
function position(crop, focal) {
  const { naturalWidth: width, naturalHeight: height } = crop;
  if (!width) return "";
  const ratio = crop.clientWidth / crop.clientHeight;
  const part = { x: Math.min(width, height * ratio), y: Math.min(height, width / ratio) };
  return `${share(focal.x, part.x, width)}% ${share(focal.y, part.y, height)}%`;
}

/** In CSS, x % puts the point at x % of the picture over that at x % of its frame. */
function share(focal, part, whole) {
  if (whole - part < 1) return 50;
  const start = Math.min(Math.max(0, focal * whole - part / 2), whole - part);
  return (start / (whole - part)) * 100;
}
