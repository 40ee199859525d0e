// What a film may be called, by the name of its file: "the.long.day_2024_1080p.mkv" is The Long Day of 2024. Pure.

const LONGEST = 200;
const FIRST_YEAR = 1888;
const YEARS_AHEAD = 5;
// What follows the title in the names of masters and copies.
const TECHNICAL =
  /^(\d{3,4}[pi]|[248]k|uhd|hd|sd|hdr(10)?|sdr|dv|x26[45]|h26[45]|hevc|avc|av1|vp9|prores\w*|dnxhr|web(rip|dl)?|blu-?ray|b[dr]rip|dvd(rip)?|remux|master(ed)?|final|export|proxy|graded?|aac|ac3|dts|stereo|v\d{1,2}|\d{2,3}fps)$/i;
const SMALL = new Set(["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"]);

/** Return {title, year}; `title` is "" where the name says nothing, `year` null where it names none. */
export function titleOf(fileName, { thisYear }) {
  const words = fileName
    .replace(/\.[^.]*$/, "")
    .replace(/[._()[\]{}]+/g, " ")
    .replace(/\s-+\s/g, " ")
    .split(/\s+/)
    .filter(Boolean);
  const isYear = (word) => /^\d{4}$/.test(word) && word >= FIRST_YEAR && word <= thisYear + YEARS_AHEAD;
  const technical = words.findIndex((word, place) => place > 0 && TECHNICAL.test(word));
  const told = technical < 0 ? words : words.slice(0, technical);
  // The last one: 2001 is no year in "2001.A.Space.Odyssey.1968". A film may also be called by a number alone.
  const year = told.findLastIndex((word, place) => place > 0 && isYear(word));
  const title = (year < 0 ? told : told.slice(0, year)).join(" ");
  return { title: capitalised(title).slice(0, LONGEST).trim(), year: year < 0 ? null : Number(told[year]) };
}

/** Give capitals to a name that has none, or nothing else; leave one alone that somebody wrote with care. */
function capitalised(title) {
  if (title !== title.toLowerCase() && title !== title.toUpperCase()) return title;
  return title
    .toLowerCase()
    .split(" ")
    .map((word, place) => (place > 0 && SMALL.has(word) ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join(" ");
}
