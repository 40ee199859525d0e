// A broadcast has no end to count to: instead of a length, the bar shows how far behind the viewer is, and a button
// that leads to what is on air now.
import { clockTime } from "./wording.js";

const EVERY_MS = 500;

export function attachLive(ui) {
  const { player, frame, find } = ui;
  if (!player.isLive) return;
  const button = find("[data-player-live]");
  button.hidden = false;
  frame.dataset.live = "";
  button.addEventListener("click", () => {
    player.engine.edge?.jump();
    player.video.play().catch(() => {});
  });
  show(ui, button);
  const timer = setInterval(() => (button.isConnected ? show(ui, button) : clearInterval(timer)), EVERY_MS);
}

function show({ player, find }, button) {
  const { edge } = player.engine;
  const isAtEdge = edge ? edge.isAtEdge : true;
  button.setAttribute("aria-pressed", String(isAtEdge));
  find("[data-player-now]").textContent = isAtEdge ? "" : `−${clockTime(Math.round(edge.behind_s))}`;
}
