// The page of a film follows what editors do to it. The server rendered all of it; this only keeps it true.
import { follow } from "./shared/socket.js";

// As `title_size` in portal/templatetags/nova.py.
const SHORT_TITLE = 9;
const LONG_TITLE = 24;

const root = document.querySelector("[data-movie]");
let state = { version: 0 };

if (root) follow(root.dataset.socket, { onSnapshot: show, onEvent: apply, onState });

function onState(connection) {
  root.dataset.connection = connection;
  if (connection === "gone") setAvailable(false);
}

function apply(type, data) {
  // Two changes that were saved at the same moment may arrive in either order.
  if (data.version < state.version) return;
  if (type === "movie.hidden") hide(data);
  else show(data);
}

function hide({ version, visibility }) {
  state = { ...state, version, visibility };
  if (!reloadForEditor()) setAvailable(false);
}

function show(data) {
  state = data;
  if (reloadForEditor()) return;
  setTitle(data.title);
  setText("original-title", data.original_title === data.title ? "" : data.original_title);
  setText("tagline", data.tagline);
  setText("year", String(data.year));
  setText("runtime", runtimeLabel(data.runtime_s));
  setGenres(data.genres);
  setSynopsis(data.synopsis);
  setAvailable(true);
}

/** Editors see hidden films too, with a note that the server words: their page is loaded anew when it changes. */
function reloadForEditor() {
  const rendered = root.dataset.visibility;
  if (!rendered || rendered === state.visibility) return false;
  location.reload();
  return true;
}

function setAvailable(isAvailable) {
  const note = document.querySelector("[data-movie-gone]");
  if (note.hidden !== isAvailable) {
    root.hidden = !isAvailable;
    note.hidden = isAvailable;
    if (!isAvailable) announce(note.textContent.trim().replace(/\s+/g, " "));
  }
}

function announce(text) {
  document.querySelector("[data-announcer]").textContent = text;
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

/** Fill every place of a field; the element that says it, or the whole entry around it, hides while it is empty. */
function setText(name, text) {
  for (const place of fields(name)) {
    place.textContent = text;
    setFilled(place, text !== "");
  }
}

function setGenres(names) {
  for (const place of fields("genres")) {
    place.querySelectorAll("[data-movie-genre]").forEach((item) => item.remove());
    place.append(...names.map((name) => genreItem(name, place.dataset.itemClass)));
    const entry = place.closest("[data-movie-entry]");
    if (entry) entry.hidden = names.length === 0;
  }
}

function genreItem(name, itemClass) {
  const item = document.createElement("span");
  item.dataset.movieGenre = "";
  if (itemClass) item.className = itemClass;
  item.textContent = name;
  return item;
}

function setSynopsis(text) {
  for (const place of fields("synopsis")) {
    const paragraphs = text.split(/\n{2,}/).filter((part) => part.trim());
    place.replaceChildren(...paragraphs.map(paragraph));
    setFilled(place, paragraphs.length > 0);
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
  const total = Math.max(1, Math.round(seconds / 60));
  const [hours, minutes] = [Math.floor(total / 60), total % 60];
  const { hoursAndMinutes, hoursOnly, minutesOnly } = root.dataset;
  const pattern = hours && minutes ? hoursAndMinutes : hours ? hoursOnly : minutesOnly;
  return pattern.replace("{hours}", hours).replace("{minutes}", minutes);
}

function setFilled(place, isFilled) {
  (place.closest("[data-movie-entry]") ?? place).hidden = !isFilled;
}

function fields(name) {
  return document.querySelectorAll(`[data-movie-field="${name}"]`);
}
