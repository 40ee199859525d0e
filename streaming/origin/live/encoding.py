"""One run of the encoder: it makes one epoch of a stream."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from enum import StrEnum
from typing import Protocol, Self

import structlog

from streaming.media.errors import KeyFrameMissing, MediaFault
from streaming.media.live.arrivals import Arrivals
from streaming.media.live.copied import CeilingWatch, Group
from streaming.media.live.flv_writer import Rebaser
from streaming.media.live.health import Health, HealthPolicy
from streaming.media.live.plan import LiveNote, LivePlan
from streaming.media.live.ready import PartReady, Ready, SegmentReady, Timed
from streaming.media.live.supervision import Lighten, Restart
from streaming.rtmp.events import MediaMessage
from streaming.runtime.live_encoder import EncoderSink, Exit
from streaming.stream_metrics import HLS_SEGMENT_GENERATION_S

log = structlog.get_logger("nova.live")


class Cause(StrEnum):
    """Why a run is over."""

    PUBLISHER_GONE = "publisher gone"
    SILENT = "publisher silent"
    FORMAT_CHANGED = "format changed"
    ENCODER_ENDED = "encoder ended"
    FAULT = "output unreadable"
    STUCK = "encoder stuck"
    BEHIND = "encoder too slow"
    NOT_COPYABLE = "source not fit to be passed on"
    OVER = "stream over"


# Those that are the fault of ours.
FAULTS = frozenset({Cause.ENCODER_ENDED, Cause.FAULT, Cause.STUCK, Cause.BEHIND})


class Encoder(Protocol):
    """What `LiveEncoder` is."""

    def write(self, tags: bytes) -> None: ...

    async def stop(self) -> None: ...


StartEncoder = Callable[[LivePlan, EncoderSink], Awaitable[Encoder]]
# Takes the name of a track and bytes of it.
Receive = Callable[[str, bytes], None]
# Takes what the next run is to begin with.
OnFinish = Callable[[Sequence[MediaMessage]], None]


class Encoding:
    """Feeds the encoder, and hands on what comes out of it.

    Attributes:
        cause: why the run is over; pending until then.
        is_unreadable: nothing can be made of what comes out of it.
        note: why the source could not be passed on; None as long as it can.
    """

    def __init__(self, plan: LivePlan, receive: Receive, on_finish: OnFinish) -> None:
        """`on_finish` is called at the very moment from which on nothing is to be fed any more."""
        self._plan, self._receive, self._on_finish = plan, receive, on_finish
        self._rebaser = Rebaser(plan)
        self._group = Group()
        self._arrivals = Arrivals()
        self._ceilings = CeilingWatch(plan.copied_ceilings_bps)
        self.is_unreadable = False
        self.note: LiveNote | None = None
        self._encoder: Encoder | None = None
        loop = asyncio.get_running_loop()
        self.cause: asyncio.Future[Cause] = loop.create_future()
        self._now = loop.time
        self._started_s = self._now()
        self._health = Health(HealthPolicy(), started_at=self._started_s)

    @classmethod
    async def start(cls, plan: LivePlan, receive: Receive, on_finish: OnFinish, *, start_encoder: StartEncoder) -> Self:
        """Start the encoder. Raises OSError."""
        run = cls(plan, receive, on_finish)
        run._encoder = await start_encoder(plan, run)
        run._encoder.write(run._rebaser.header())
        return run

    @property
    def is_copying(self) -> bool:
        """Whether something of the source is passed on as it is."""
        return self._plan.copies

    @property
    def is_encoding(self) -> bool:
        """Whether any picture is made anew of the source."""
        return not all(track.is_copy for track in self._plan.video)

    @property
    def made_s(self) -> float:
        """How much of what it was fed has come out."""
        return self._health.made_s

    @property
    def behind_s(self) -> float:
        """How much of it has not."""
        return self._health.behind_s

    @property
    def uptime_s(self) -> float:
        return self._now() - self._started_s

    def feed(self, messages: Iterable[MediaMessage]) -> None:
        """Encode what comes. Never waits."""
        assert self._encoder is not None
        for message in messages:
            tag = self._rebaser.tag(message)
            if tag is not None:
                self._encoder.write(tag)
                if self._plan.copies:
                    self._group.add(message, tag)
        now_s, front_s = self._now(), self._rebaser.front_s
        self._health.fed(at=now_s, media_s=front_s)
        self._arrivals.reach(front_s, at_s=now_s)

    def made(self, made: Iterable[Ready]) -> None:
        """Note how far it has come, counted from its beginning; end it if copies exceed what players are told."""
        made, now_s = tuple(made), self._now()
        ends = (self._end_s(ready) for ready in made if isinstance(ready, PartReady))
        self._health.made(at=now_s, media_s=max(ends, default=float(self._plan.skip_s)))
        self._measure(made, now_s)
        if self._ceilings.is_exceeded(made):
            self._do_not_copy(LiveNote.BITRATE_TOO_HIGH)

    def _measure(self, made: Iterable[Ready], now_s: float) -> None:
        """Tell how long segments took, since all that they are made of had come."""
        for segment in made:
            if isinstance(segment, SegmentReady):
                came_s = self._arrivals.came_at(self._end_s(segment))
                if came_s is not None:
                    HLS_SEGMENT_GENERATION_S.labels(rendition=segment.track).observe(now_s - came_s)

    def _end_s(self, ready: Timed) -> float:
        """Return how far it reaches into what was fed."""
        return float(ready.end_s - ready.epoch.start_s + self._plan.skip_s)

    @property
    def shown_again_s(self) -> float:
        """How much of what the next run begins with has come out of this one."""
        return max(0.0, self._health.made_s - self._group.at_s)

    def fail(self, error: MediaFault) -> None:
        """End it, as what comes out of it cannot be shown: the source's fault where that is passed on."""
        self.is_unreadable = True
        if self._plan.copies:
            is_rare = isinstance(error, KeyFrameMissing)
            self._do_not_copy(LiveNote.KEY_FRAMES_TOO_RARE if is_rare else LiveNote.FRAMES_UNEVEN)
        else:
            self.finish(Cause.FAULT)

    def _do_not_copy(self, note: LiveNote) -> None:
        self.note = self.note or note
        self.finish(Cause.NOT_COPYABLE)

    def judge(self) -> None:
        """End it if it makes nothing of what it is fed, or does so too slowly and can be given less to do."""
        match self._health.judge(at=self._now()):
            case Restart():
                self.finish(Cause.STUCK)
            case Lighten() if self._plan.lighter():
                self.finish(Cause.BEHIND)

    def received(self, name: str, content: bytes) -> None:
        """Take what the encoder has made."""
        self._receive(name, content)

    def ended(self, exit_: Exit) -> None:
        """Learn that the encoder is gone."""
        if not self.cause.done():
            log.warning("live.encoder_ended", status=exit_.status, cause=exit_.cause, stderr=exit_.stderr_tail)
        self.finish(Cause.ENCODER_ENDED)

    def finish(self, cause: Cause) -> None:
        """Say that this run is to end; the first cause counts."""
        if not self.cause.done():
            self.cause.set_result(cause)
            # What was sent meanwhile must not be lost with it: the next key frame may be far.
            self._on_finish(self._group.messages if cause is Cause.NOT_COPYABLE else ())

    async def stop(self) -> None:
        """Let the encoder bring out what it holds, then end it."""
        assert self._encoder is not None
        await self._encoder.stop()
