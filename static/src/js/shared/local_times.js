// Fields for a day and a time: told and asked for as the viewer's own clock shows them. The server wrote them in the
// portal's zone, and takes the name of the zone with the form.

export function enhanceLocalTimes(root) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // What was sent and came back stays as it was written.
  for (const input of root.querySelectorAll('input[type="datetime-local"][data-at]')) {
    if (input.dataset.at) input.value = clockTime(new Date(input.dataset.at));
    input.form.elements.time_zone.value = zone;
    input.closest(".field").querySelector("[data-zone]").textContent = zone;
  }
}

/** Return what a clock here shows, to the minute, as such fields take it. */
function clockTime(at) {
  const two = (number) => String(number).padStart(2, "0");
  const day = [String(at.getFullYear()).padStart(4, "0"), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
