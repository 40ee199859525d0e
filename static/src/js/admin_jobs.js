// Packaging jobs on the editors' desk go on by themselves: their bars from the events, and everything else by asking
// for the page once more, which says it in words.
import { coalesce, fetchPage, swapRegions } from "./shared/regions.js";
import { follow } from "./shared/socket.js";
import { fill } from "./uploads/wording.js";

const LANGUAGE = document.documentElement.lang || "en";
const root = document.querySelector("[data-jobs]");
const words = root && JSON.parse(document.querySelector("#job-words").textContent);
const refreshSoon = coalesce(refresh);

if (root) {
  follow(root.dataset.jobs, {
    // Of those that are over, a snapshot holds the latest; what this page does not show is no news.
    onSnapshot: ({ jobs }) => jobs.forEach((job) => show(job)),
    onEvent: (type, job) => show(job) || tellOfNew(job),
  });
  // Where the packages of a movie stand: one can be played long before its job has another word for it.
  if (root.dataset.movieSocket) follow(root.dataset.movieSocket, { onSnapshot() {}, onEvent: refreshIfPlayable });
}

/** Bring the places of a job up to date; return whether there are any. */
function show(job) {
  const places = [...document.querySelectorAll(`[data-job="${job.job_id}"]`)];
  for (const place of places) {
    if (place.dataset.mark !== `${job.state} ${job.step} ${job.attempt} ${job.is_cancel_asked}`) refreshSoon();
    else if (job.state === "RUNNING") paint(place, job);
  }
  return places.length > 0;
}

function paint(place, job) {
  const percent = Math.floor(job.percent);
  place.querySelector("[data-job-bar]").value = percent;
  const pattern = job.speed === null ? words.far : job.time_left_s === null ? words.farAtSpeed : words.farWithTime;
  place.querySelector("[data-job-detail]").textContent = fill(pattern, {
    step: words.steps[job.step],
    percent,
    speed: saySpeed(job.speed ?? 0),
    left: sayLeft(job.time_left_s ?? 0),
  });
}

/** To a tenth, and below one to a hundredth: the server does so too. */
function saySpeed(speed) {
  const digits = speed < 1 ? 2 : 1;
  return new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(speed);
}

/** As `format_time_left` in streaming/lengths.py. */
function sayLeft(seconds) {
  const near = Math.max(1, Math.ceil(seconds / 5)) * 5;
  if (near < 60) return fill(words.left.seconds, { seconds: near });
  const total = Math.ceil(seconds / 60);
  const [hours, minutes] = [Math.floor(total / 60), total % 60];
  return fill(hours ? words.left.hours : words.left.minutes, { hours, minutes });
}

/** A job that the page does not show: the movie's own is shown, in a list somebody chooses when its lines move. */
function tellOfNew(job) {
  const newer = root.querySelector("[data-jobs-newer]");
  if (root.dataset.jobsMovie === String(job.movie_id)) refreshSoon();
  else if (newer && job.state === "QUEUED") newer.hidden = false;
}

function refreshIfPlayable(type) {
  if (type === "movie.became_playable") refreshSoon();
}

/** Ask for the page; where the portal does not answer, the socket will say more once it is back. */
async function refresh() {
  const fresh = await fetchPage().catch(() => null);
  if (fresh) swapRegions(fresh);
}
