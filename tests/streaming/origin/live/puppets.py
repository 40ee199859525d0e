"""An origin whose encoder makes what a test says, when it says so."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from channels.db import database_sync_to_async

from streaming.media.live.plan import LivePlan, plan_live
from streaming.media.live.reload import Reload
from streaming.media.live.source import SourceFormat
from streaming.media.live.supervision import RestartPolicy
from streaming.media.live.timing import LiveTiming
from streaming.media.packager import VideoOutput
from streaming.models import Stream
from streaming.origin.live.hub import LiveHub
from streaming.origin.live.means import LiveMeans
from streaming.origin.live.publication import Publication
from streaming.origin.live.stream import LiveStream
from streaming.rtmp.publishing import PublishedStream, PublishRequest
from streaming.rtmp.redaction import Secret
from streaming.runtime.live_encoder import EncoderSink, Exit
from streaming.runtime.segment_store import FolderStore, SegmentStore
from tests.factories import make_stream_key
from tests.streaming.media.live.feeding import RATE, header, picture, sound
from tests.streaming.origin.live import messages

PATIENCE_S = 30.0
_SOUND_FRAMES_A_SECOND = Fraction(48_000, 1024)


class Puppet:
    """An encoder that encodes nothing."""

    def __init__(self, plan: LivePlan, sink: EncoderSink) -> None:
        self.plan, self._sink = plan, sink
        self.written = bytearray()
        self.is_stopped = False
        self._frames = self._heard = 0

    def write(self, tags: bytes) -> None:
        self.written += tags

    async def stop(self) -> None:
        if not self.is_stopped:
            self._exit(0, was_asked=True)

    def crash(self) -> None:
        self._exit(-11, was_asked=False)

    def _exit(self, status: int, *, was_asked: bool) -> None:
        self.is_stopped = True
        self._sink.ended(
            Exit(status=status, cause=None, stderr_tail=(), was_asked=was_asked, cpu_s=0.0, peak_memory_bytes=0)
        )

    def make(self, seconds: float) -> None:
        """Bring out so many seconds more of all tracks, a key frame every two seconds."""
        frames = round(seconds * RATE)
        while frames > 0:
            self._make(min(frames, 2 * RATE))
            frames -= 2 * RATE

    def _make(self, frames: int) -> None:
        heard = int((self._frames + frames) * _SOUND_FRAMES_A_SECOND / RATE) + 1
        for output in self.plan.outputs:
            if not self._frames:
                self._sink.received(output.name, header(output))
            if isinstance(output, VideoOutput):
                self._sink.received(output.name, picture(frames, first=self._frames))
            else:
                self._sink.received(output.name, sound(heard - self._heard, first=self._heard))
        self._frames += frames
        self._heard = heard

    def talk_nonsense(self) -> None:
        self._sink.received(self.plan.outputs[0].name, b"\0\0\0\x08oops")


@dataclass
class Stage:
    """A hub, its encoders in their order, and how publishers were sent away."""

    hub: LiveHub
    puppets: list[Puppet]
    kicks: list[str] = field(default_factory=list)
    failing_starts: int = 0

    def request(self, secret: str) -> PublishRequest:
        return PublishRequest(
            app="live",
            stream_key=Secret(secret),
            stream_name=None,
            tc_url=Secret("rtmp://localhost/live"),
            encoder="test",
            peer="127.0.0.1:1",
            stream=PublishedStream(self.kicks.append),
        )

    async def publish(self, secret: str) -> Publication:
        return await self.hub.admit(self.request(secret))

    async def go_on_air(self, secret: str, *, seconds: float) -> Publication:
        """Publish, and have the first run encode so much of it."""
        publication = await self.publish(secret)
        send_opening(publication)
        (await self.encoder()).make(seconds)
        return publication

    @property
    def stream(self) -> LiveStream:
        (stream,) = self.hub
        return stream

    async def encoder(self, number: int = 1) -> Puppet:
        """Return the encoder of that run, when it has started."""
        await until(lambda: len(self.puppets) >= number and self.puppets[number - 1].written)
        return self.puppets[number - 1]


@asynccontextmanager
async def on_stage(
    root: Path,
    *,
    grace_s: float = 30.0,
    restarts: RestartPolicy | None = None,
    lease_owner: str = "",
    store: SegmentStore | None = None,
) -> AsyncIterator[Stage]:
    puppets: list[Puppet] = []

    async def start(plan: LivePlan, sink: EncoderSink) -> Puppet:
        if stage.failing_starts:
            stage.failing_starts -= 1
            raise BlockingIOError("no room for another process")
        puppets.append(Puppet(plan, sink))
        return puppets[-1]

    with ThreadPoolExecutor(2) as threads:
        means = LiveMeans(
            timing=LiveTiming(),
            grace_s=grace_s,
            store=store or FolderStore(root),
            threads=threads,
            plan=_plan,
            start_encoder=start,
            restarts=restarts or RestartPolicy(),
        )
        stage = Stage(LiveHub(means, lease_owner=lease_owner), puppets)
        try:
            yield stage
        finally:
            await stage.hub.close()


def _plan(source: SourceFormat) -> LivePlan:
    return plan_live(source=source, levels=(), cores=2, segment_s=Fraction(2), may_copy=False)


def send_opening(publication: Publication, *, at_ms: int = 0) -> None:
    """Send what an encoder sends first: headers, a key frame and sound."""
    for message in (
        messages.metadata(),
        messages.video_header(),
        messages.audio_header(),
        messages.picture(at_ms, is_key=True),
        messages.sound(at_ms + 1),
    ):
        publication.media(message)


async def playlist_of(stream: LiveStream, reload: Reload | None = None) -> str:
    """Return what viewers are told of the first track of a stream that they can see."""
    assert stream.broadcast is not None
    assert stream._plan is not None
    playlist = await stream.broadcast.playlist(f"{stream._plan.tracks[0]}/index.m3u8", reload)
    return playlist.plain.decode()


async def issued_secret() -> str:
    secret: str = (await database_sync_to_async(make_stream_key)()).secret
    return secret


async def the_row() -> Stream:
    stream: Stream = await database_sync_to_async(Stream.objects.get)()
    return stream


async def until(condition: object) -> None:
    """Wait until something holds; `condition` is a function."""
    assert callable(condition)
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)


async def until_row(**facts: object) -> Stream:
    """Wait until the stream's row says so."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            row = await the_row()
            if all(getattr(row, name) == value for name, value in facts.items()):
                return row
            await asyncio.sleep(0.02)
