// The page of a film follows what editors do to it, and the windows that open and close by the clock. The server
// rendered all of it; this only keeps it true: texts at once, from the event, and the rest by asking for the page.
import { coalesce, fetchPage, swapRegions } from "./shared/regions.js";
import { followScreen, stopScreen } from "./shared/screen.js";
import { serverClock, whenPassed } from "./shared/server_clock.js";
import { enhanceSharing } from "./shared/sharing.js";
import { follow } from "./shared/socket.js";
import { announce } from "./shared/toasts.js";
import { COUNT_CHANGED, tellViewers } from "./shared/viewers.js";

// As `title_size` in portal/templatetags/nova.py.
const SHORT_TITLE = 9;
const LONG_TITLE = 24;

const root = document.querySelector("[data-movie]");
const isPreview = root && "isPreview" in root.dataset;
const refreshSoon = coalesce(refresh);
let version = Number(root?.dataset.version);
let callOff = () => {};

if (root) {
  follow(root.dataset.socket, { onSnapshot, onEvent, onState });
  awaitNextChange(serverClock(root.dataset.seenAt));
  enhanceSharing();
}

function onState(connection) {
  root.dataset.connection = connection;
  if (connection === "gone" && !isPreview) setAvailable(false);
}

function onSnapshot(data) {
  tellViewers(`movie:${data.movie_id}`, data.viewers);
  // What the page shows already needs no second look.
  if (data.version > version || root.hidden) onEvent("movie.updated", data);
}

function onEvent(type, data) {
  if (type === COUNT_CHANGED) return tellViewers(data.subject, data.viewers);
  // It says nothing of the texts.
  if (type === "movie.became_playable") return refreshSoon();
  // Two changes that were saved at the same moment may arrive in either order.
  if (data.version < version) return;
  version = data.version;
  if (isPreview) {
    location.reload();
  } else if (type === "movie.hidden" && !root.dataset.visibility) {
    setAvailable(false);
  } else {
    if (type !== "movie.hidden") showTexts(data);
    refreshSoon();
  }
}

/** Ask for the page as it is now; where the portal does not answer, the socket will say more once it is back. */
async function refresh() {
  const fresh = await fetchPage().catch(() => undefined);
  if (fresh === undefined) return;
  const newer = fresh?.querySelector("[data-movie]");
  if (!newer) {
    setAvailable(false);
    return;
  }
  Object.assign(root.dataset, newer.dataset);
  version = Math.max(version, Number(newer.dataset.version));
  const hasPlayerChanged = followScreen(fresh);
  const hasChanged = swapRegions(fresh) > 0 || hasPlayerChanged;
  if (!setAvailable(true) && hasChanged) announce(root.dataset.updatedText);
  awaitNextChange(serverClock(newer.dataset.seenAt, Date.now()));
}

function awaitNextChange(clock) {
  callOff();
  if (root.dataset.nextChangeAt && !isPreview) callOff = whenPassed(root.dataset.nextChangeAt, clock, refreshSoon);
}

/** Show the film, or that it is gone; return whether that is a change. */
function setAvailable(isAvailable) {
  const note = document.querySelector("[data-movie-gone]");
  if (note.hidden === isAvailable) return false;
  if (!isAvailable) stopScreen();
  root.hidden = !isAvailable;
  note.hidden = isAvailable;
  if (!isAvailable) announce(note.textContent.trim().replace(/\s+/g, " "));
  return true;
}

function showTexts(data) {
  setTitle(data.title);
  setText("tagline", data.tagline);
  setText("year", String(data.year));
  setText("runtime", runtimeLabel(data.runtime_s));
  setSynopsis(data.synopsis);
  setAvailable(true);
}

function setTitle(title) {
  for (const heading of fields("title")) {
    const shown = heading.textContent.trim();
    if (shown !== title) document.title = document.title.replace(shown, () => title);
    heading.textContent = title;
    heading.classList.toggle("is-long", [...title].length > LONG_TITLE);
    heading.classList.toggle("is-short", [...title].length <= SHORT_TITLE);
  }
}

/** Fill every place of a field; one that is empty hides. */
function setText(name, text) {
  for (const place of fields(name)) {
    place.textContent = text;
    place.hidden = text === "";
  }
}

function setSynopsis(text) {
  for (const place of fields("synopsis")) {
    const paragraphs = text.split(/\n{2,}/).filter((part) => part.trim());
    place.replaceChildren(...paragraphs.map(paragraph));
    place.hidden = paragraphs.length === 0;
  }
}

function paragraph(text) {
  const element = document.createElement("p");
  text
    .trim()
    .split("\n")
    .forEach((line, index) => element.append(...(index ? [document.createElement("br"), line] : [line])));
  return element;
}

function runtimeLabel(seconds) {
  if (seconds === null) return "";
  if (seconds < 60) return root.dataset.secondsOnly.replace("{seconds}", seconds);
  const total = Math.round(seconds / 60);
  const [hours, minutes] = [Math.floor(total / 60), total % 60];
  const { hoursAndMinutes, hoursOnly, minutesOnly } = root.dataset;
  const pattern = hours && minutes ? hoursAndMinutes : hours ? hoursOnly : minutesOnly;
  return pattern.replace("{hours}", hours).replace("{minutes}", minutes);
}

function fields(name) {
  return document.querySelectorAll(`[data-movie-field="${name}"]`);
}
