"""nginx-rtmp, which passes on what it gets as HLS of whole segments: what a broadcaster has without Nova.

It is Debian's module in its own nginx (apt-get install libnginx-mod-rtmp), set as its makers advise for little delay: a
segment for each group of pictures. Its page plays with the hls.js that Nova plays with, as it is without any setting.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.live_streams.stage import PATIENCE_S, WATCH
from streaming.media.programme import build_programme

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from tests.deploy.edge import find_nginx, free_port, nginx_argv, wait_for
from tests.streaming.media.sources import FFMPEG

MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
_HLS = Path(__file__).resolve().parents[2] / "node_modules" / "hls.js" / "dist" / "hls.min.js"
_LISTED = 6
_CONFIG = """
load_module {module};
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
rtmp {{
  server {{
    listen 127.0.0.1:{rtmp_port};
    application live {{
      live on;
      hls on;
      hls_path {folder}/hls;
      hls_fragment 2s;
      hls_playlist_length 20s;
    }}
  }}
}}
http {{
  access_log off;
  types {{ text/html html; text/javascript js; application/vnd.apple.mpegurl m3u8; video/mp2t ts; }}
  server {{
    listen 127.0.0.1:{http_port};
    root {folder};
    location /hls/ {{ add_header Cache-Control no-cache; }}
  }}
}}
"""
_PAGE = """<!doctype html><section data-player><video muted autoplay></video></section>
<script src="hls.min.js"></script><script>const hls = new Hls(); hls.loadSource("hls/on-air.m3u8");
hls.attachMedia(document.querySelector("video"));</script>"""


@contextmanager
def watched_beside(chromium: Browser) -> Iterator[Page]:
    """Publish the demo's programme to nginx-rtmp and give the page that plays it.

    Raises SystemExit without nginx, TimeoutError when nothing comes of it.
    """
    if find_nginx() is None or not MODULE.exists():
        raise SystemExit("nginx with its RTMP module is not installed (apt-get install nginx-light libnginx-mod-rtmp)")
    with tempfile.TemporaryDirectory(prefix="nova-beside-") as named:
        folder = Path(named)
        rtmp_port, http_port = free_port(), free_port()
        _lay_out(folder, rtmp_port, http_port)
        server = subprocess.Popen(nginx_argv(folder / "nginx.conf"), stdin=subprocess.DEVNULL)
        try:
            wait_for(rtmp_port)
            argv = build_programme(ffmpeg_path=FFMPEG, url=f"rtmp://127.0.0.1:{rtmp_port}/live/on-air", seconds=None)
            encoder = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                yield _page_of(chromium, folder, f"http://127.0.0.1:{http_port}/page.html")
            finally:
                encoder.terminate()
                encoder.wait(PATIENCE_S)
        finally:
            server.terminate()
            server.wait(PATIENCE_S)


def _lay_out(folder: Path, rtmp_port: int, http_port: int) -> None:
    told = _CONFIG.format(folder=folder, module=MODULE, rtmp_port=rtmp_port, http_port=http_port)
    (folder / "nginx.conf").write_text(told, encoding="utf-8")
    (folder / "page.html").write_text(_PAGE, encoding="utf-8")
    (folder / "hls").mkdir()
    shutil.copy(_HLS, folder)


def _page_of(chromium: Browser, folder: Path, url: str) -> Page:
    page = chromium.new_context().new_page()
    page.add_init_script(WATCH)
    # As one who comes later than the first moments of a broadcast.
    playlist = folder / "hls" / "on-air.m3u8"
    until = time.monotonic() + PATIENCE_S
    while not playlist.exists() or playlist.read_text(encoding="utf-8").count("#EXTINF") < _LISTED:
        if time.monotonic() > until:
            raise TimeoutError("nginx-rtmp has written no playlist")
        page.wait_for_timeout(100)
    page.goto(url)
    return page
