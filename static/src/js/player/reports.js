// The portal is told what went wrong on a page, so that somebody looks into it before many people write.
import { sendJson } from "../shared/http.js";

const MOST = 20;
const MOST_LETTERS = 300;
let count = 0;

export function report(player, { code, detail = "" }) {
  const url = player.root.dataset.reportUrl;
  // What is offline will not be told, and a page that fails on and on has said so.
  if (!url || !navigator.onLine || count >= MOST) return;
  count += 1;
  const value = {
    session: player.playback?.session ?? null,
    code,
    position_s: Math.round(player.position() * 10) / 10,
    detail: detail.slice(0, MOST_LETTERS),
  };
  sendJson(url, { method: "POST", value, keepalive: true }).catch(() => {});
}
