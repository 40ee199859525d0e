"""A broadcaster before the running portal: the demo's programme, small enough for a machine that has much to do."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from playwright.sync_api import Page

from streaming.media.programme import build_programme
from streaming.media.visible_clock import LEFT_PX, SQUARE_PX, SQUARES, TOP_PX, delay_ms, read_clock
from tests.e2e.running import Portal

# It is drawn in 720p; a fifth of that is read as well, and encoded in no time.
_SMALL = ("-s", "426x240", "-preset", "ultrafast", "-b:v", "400k", "-maxrate", "400k")
_CLOCK = """({squares, left, top, size}) => {
  const video = document.querySelector("section[data-player] video");
  if (!video?.videoWidth) return null;
  const canvas = Object.assign(document.createElement("canvas"), {width: squares, height: 1});
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  const scale = video.videoWidth / 1280;
  for (let index = 0; index < squares; index += 1) {
    const middle = [(left + (index + 0.3) * size) * scale, (top + size * 0.3) * scale];
    pen.drawImage(video, ...middle, size * 0.4 * scale, size * 0.4 * scale, index, 0, 1, 1);
  }
  const levels = pen.getImageData(0, 0, squares, 1).data.filter((_, place) => place % 4 === 0);
  return {levels: [...levels], now: Date.now()};
}"""


@dataclass(slots=True)
class Broadcaster:
    """An encoder with a good key of the demo's channel."""

    portal: Portal
    key: str
    encoder: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        address = f"rtmp://localhost:{self.portal.rtmp_port}/live/{self.key}"
        *argv, url = build_programme(ffmpeg_path=settings.NOVA_FFMPEG, url=address, seconds=None)
        self.encoder = subprocess.Popen([*argv, *_SMALL, url], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        """Press the encoder's button."""
        assert self.encoder is not None
        self.encoder.terminate()
        self.encoder.wait(30)

    def lose_connection(self) -> None:
        assert self.encoder is not None
        self.encoder.kill()
        self.encoder.wait(30)


@contextmanager
def broadcaster_of(portal: Portal) -> Iterator[Broadcaster]:
    """Give a broadcaster whose streams leave no films behind."""
    portal.manage("shell", "-c", "from streaming.models import Channel; Channel.objects.update(is_recorded=False)")
    broadcaster = Broadcaster(portal=portal, key=portal.stream_key)
    try:
        yield broadcaster
    finally:
        if broadcaster.encoder and broadcaster.encoder.poll() is None:
            broadcaster.stop()


def delay_shown(page: Page) -> float | None:
    """Return how many seconds ago the picture that is shown was drawn; None where no clock is to be seen."""
    place = {"squares": SQUARES, "left": LEFT_PX, "top": TOP_PX, "size": SQUARE_PX}
    seen = page.evaluate(_CLOCK, place)
    shown_ms = read_clock(seen["levels"]) if seen else None
    return None if shown_ms is None else delay_ms(shown_ms=shown_ms, now_ms=seen["now"]) / 1000
