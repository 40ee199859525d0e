// A section of figures that follows its socket: gauges, charts of the last minutes, and whether all of it is late.
import { follow } from "../shared/socket.js";
import { createBoard } from "./board.js";
import { createWindow } from "./columns.js";
import { createGauges } from "./gauges.js";
import { watchLine } from "./line.js";

const WINDOW_S = 300;
// What has been sealed meanwhile comes with a new snapshot.
const ASK_MS = 30_000;
// The seconds just before a snapshot are being written while it is read: so the first one is asked for once more.
const ASK_SOON_MS = 3_000;
const PORTAL = "portal";

/** Return how to show a section of figures; `onSample` hears of whatever comes with them. */
export function createLive(section, words, { onSample = () => {} } = {}) {
  const board = createBoard(section, words, `live-${section.id}`);
  const seconds = createWindow(WINDOW_S);
  const gauges = createGauges(section);
  const line = watchLine(section, words);
  let following = null;
  let asking = 0;
  let askingSoon = 0;

  function begin(snapshot) {
    seconds.replace(snapshot.window.series);
    gauges.begin(snapshot);
    line.begin(snapshot);
    draw();
    onSample(snapshot);
  }

  function hear(_type, sample) {
    const metrics = sample.metrics ?? sample.subjects.find(({ subject }) => subject === PORTAL);
    if (metrics) seconds.add(sample.at, metrics);
    line.hear(sample.at);
    draw();
    onSample(sample);
  }

  function draw() {
    const { columns } = seconds;
    const to = columns.at.at(-1) ?? Date.now() / 1000;
    board.show(columns, { from: to - WINDOW_S + 1, to, stepS: 1 });
    gauges.show(columns);
  }

  return {
    begin,
    follow(path) {
      following = follow(path, { onSnapshot: begin, onEvent: hear, onState: line.connect });
      asking = setInterval(() => following.ask(), ASK_MS);
      askingSoon = setTimeout(() => following.ask(), ASK_SOON_MS);
    },
    stop() {
      following?.close();
      clearInterval(asking);
      clearTimeout(askingSoon);
      line.stop();
    },
  };
}
