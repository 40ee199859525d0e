// Statistics for those who want to know, once a second while they look.

const EVERY_MS = 1000;

export function attachStats({ player, video, words, find }) {
  const list = find("[data-player-stats]");
  let timer = 0;

  function show() {
    if (!list.isConnected) return clearInterval(timer);
    const rows = Object.entries(readable(player.engine.stats(), player, video)).filter(([, value]) => value);
    list.replaceChildren(...rows.map(([name, value]) => row(words[name], value)));
  }

  function toggle() {
    list.hidden = !list.hidden;
    clearInterval(timer);
    if (list.hidden) return;
    show();
    timer = setInterval(show, EVERY_MS);
  }

  return { toggle, isShown: () => !list.hidden };
}

function row(name, value) {
  const place = document.createElement("div");
  place.append(
    Object.assign(document.createElement("dt"), { textContent: name }),
    Object.assign(document.createElement("dd"), { textContent: value }),
  );
  return place;
}

function readable(stats, player, video) {
  return {
    engine: stats.engine,
    resolution: stats.resolution && `${stats.resolution} → ${video.clientWidth}×${video.clientHeight}`,
    codecs: stats.codecs,
    bitrate: stats.bitrate && megabits(stats.bitrate),
    bandwidth: stats.bandwidth && megabits(stats.bandwidth),
    buffered: Number.isFinite(stats.buffered_s) && `${stats.buffered_s.toFixed(1)} s`,
    latency: Number.isFinite(stats.latency_s) && `${stats.latency_s.toFixed(1)} s`,
    dropped: Number.isFinite(stats.total) && `${stats.dropped} / ${stats.total}`,
    session: player.playback?.session,
  };
}

function megabits(bps) {
  return `${(bps / 1e6).toFixed(2)} Mbit/s`;
}
