// Words with gaps, and times as a clock shows them.

/** Fill the names in braces: fill("{seconds} s back", { seconds: 10 }). */
export function fill(text, values) {
  return (text ?? "").replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
}

/** Write 83 as 1:23, and 3683 as 1:01:23. */
export function clockTime(seconds) {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${String(minutes).padStart(hours ? 2 : 1, "0")}:${String(rest).padStart(2, "0")}`;
  return hours ? `${hours}:${tail}` : tail;
}
