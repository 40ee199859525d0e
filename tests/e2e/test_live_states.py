"""A broadcast as the API tells of it: through the death of the origin, to its end by hand and its recording."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.broadcasting import Broadcaster, broadcaster_of
from tests.e2e.running import Portal
from tests.e2e.tus import TusClient

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

# For a machine that has other things to do.
_PATIENCE_S = 90
# Its recording goes with it, so that the portal is as it was.
_FORGET = """
from catalog.models import Movie
from streaming.models import Channel, Package, Source, Stream
left = Stream.objects.all()
Package.objects.filter(stream__in=left).delete()
sources = Source.objects.filter(pk__in=left.values("pk"))
Movie.objects.filter(sources__in=sources).delete()
sources.delete()
left.delete()
"""


class Watcher:
    """Asks the API, as the administrator, about the streams of the demo's channel."""

    def __init__(self, portal: Portal) -> None:
        self.token = TusClient.sign_in(portal.url, username="admin", password=portal.password).token
        self.url = f"{portal.url}/api/v1"

    def call(self, path: str, method: str = "GET") -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.request(method, f"{self.url}/{path}", headers=headers, timeout=30)
        return answer.raise_for_status().json()

    def latest(self) -> dict[str, Any]:
        streams: list[dict[str, Any]] = self.call("streams/?channel=studio-one")["results"]
        return streams[0] if streams else {"phase": ""}

    def wait_for(self, holds: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + _PATIENCE_S
        while not (found := holds()):
            assert time.monotonic() < deadline, self.latest()
            time.sleep(0.2)
        return found

    def wait_for_phase(self, phase: str) -> dict[str, Any]:
        self.wait_for(lambda: self.latest()["phase"] == phase)
        return self.latest()


@pytest.fixture
def broadcaster(live_portal: Portal) -> Iterator[Broadcaster]:
    with broadcaster_of(live_portal) as found:
        live_portal.manage(
            "shell", "-c", "from streaming.models import Channel; Channel.objects.update(is_recorded=True)"
        )
        yield found
        live_portal.manage("shell", "-c", _FORGET)


def begin_until_admitted(broadcaster: Broadcaster, watcher: Watcher) -> None:
    """Try again and again, as encoders do."""

    def is_admitted() -> bool:
        if broadcaster.encoder is None or broadcaster.encoder.poll() is not None:
            broadcaster.begin()
            time.sleep(1)
        return bool(watcher.latest()["phase"] == "live")

    watcher.wait_for(is_admitted)


def test_the_death_of_the_origin_costs_a_broadcast_some_seconds_and_no_recording(
    live_portal: Portal, broadcaster: Broadcaster
) -> None:
    watcher = Watcher(live_portal)
    broadcaster.begin()
    stream = watcher.wait_for_phase("live")
    assert stream["started_at"] <= stream["active_at"] <= stream["playable_at"]
    time.sleep(5)

    live_portal.children()["origin"].kill()
    assert watcher.wait_for_phase("reconnecting")["id"] == stream["id"]
    begin_until_admitted(broadcaster, watcher)
    assert watcher.latest()["id"] == stream["id"]
    playback = watcher.call(f"streams/{stream['id']}/playback/", "POST")
    assert "#EXT-X-STREAM-INF" in httpx.get(playback["hls_url"], timeout=30).text
    time.sleep(3)

    assert watcher.call(f"streams/{stream['id']}/end/", "POST")["end_reason"] == "KICKED"
    assert broadcaster.encoder is not None
    assert broadcaster.encoder.wait(20) != 0
    assert httpx.get(playback["hls_url"], timeout=30).status_code == 403
    films = watcher.wait_for(
        lambda: [found for found in watcher.call("packages/")["results"] if found["source"] == stream["id"]]
    )
    assert [(film["state"], film["duration_s"] > 6) for film in films] == [("READY", True)]
    live_portal.wait_until_whole()
