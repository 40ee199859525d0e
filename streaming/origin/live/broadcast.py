"""What viewers are given of one live stream: playlists of this very moment, and the newest media, from memory."""

import asyncio
import gzip
import hashlib
import re
from collections.abc import Callable, Sequence
from time import monotonic

from portal import clock
from streaming.errors import LiveStalled, MediaNotFound, PlaylistReloadInvalid
from streaming.media.live.contents import LiveContents, LiveFile
from streaming.media.live.manifest import format_live_manifest
from streaming.media.live.playlists import format_media_playlist, format_multivariant
from streaming.media.live.ready import InitReady, PartReady, Ready, SegmentReady
from streaming.media.live.recording import Recording
from streaming.media.live.reload import Refuse, Reload, Wait, decide
from streaming.media.live.timing import LiveTiming
from streaming.media.live.window import Edge, LiveWindow
from streaming.media.package_index import PackageIndex
from streaming.media.packager import AudioOutput, VideoOutput
from streaming.origin.clock import PATH as CLOCK_PATH
from streaming.origin.conditions import Version
from streaming.origin.live.onlookers import Onlookers
from streaming.origin.live.waiters import Waiters
from streaming.origin.playlists import Playlist

Outputs = tuple[VideoOutput | AudioOutput, ...]

# Segment and part, and perhaps the run of the encoder that has made it.
_PART = re.compile(r"[^/]+/([0-9]{1,18})-([0-9]{1,9})(?:-[0-9]+)?\.m4s")
_MASTER, _MANIFEST, _MEDIA_PLAYLIST = "master.m3u8", "manifest.mpd", "/index.m3u8"
# Made anew three times a second: the last percent would cost more than it spares.
_LEVEL = 4
# Segments that stay behind the window: as many as a player that was given the last playlist with them may fetch.
_KEPT_BEHIND = 6


class Broadcast:
    """One stream, as it is shown. Everything here runs on the event loop.

    Attributes:
        onlookers: the sessions that ask for it. sent_bytes: what they and edges were sent of it.
    """

    def __init__(self, outputs: Outputs, *, timing: LiveTiming, dvr_s: int) -> None:
        self._tracks = frozenset(output.name for output in outputs)
        self._timing = timing
        self._window = LiveWindow(outputs, timing, dvr_s=dvr_s)
        self._contents = LiveContents(timing)
        self.waiters = Waiters()
        self._playable = asyncio.Event()
        # Once it is, for good: what players are given is looked up without asking again.
        self._is_shown = False
        self._kept: dict[tuple[str, bool], Playlist] = {}
        self._begun_ns = int(clock.now().timestamp() * 10**9)
        self._begun_s = monotonic()
        self._newest_s: float | None = None
        self.onlookers = Onlookers()
        self.sent_bytes = 0

    @property
    def is_playable(self) -> bool:
        """Whether a player can begin: there is a whole segment of each track."""
        return self._window.is_playable

    @property
    def oldest_needed_msn(self) -> int:
        """The first segment that somebody may still ask for: what leaves the window is asked for a little longer."""
        return max(0, (self._window.oldest_msn or 0) - _KEPT_BEHIND)

    @property
    def oldest_open_msn(self) -> int:
        """The first segment that viewers may be given: also of what was there before this origin took the stream up."""
        before = self._window.last_whole_msn - int(self._window.dvr_s / self._timing.segment_s) - _KEPT_BEHIND
        return max(0, min(self.oldest_needed_msn, before))

    @property
    def part_age_s(self) -> float | None:
        """How long ago the last part came; None before the first."""
        return None if self._newest_s is None else monotonic() - self._newest_s

    @property
    def freshness_s(self) -> float:
        """The same, counted from the beginning before the first."""
        return monotonic() - (self._newest_s or self._begun_s)

    def take_up(self, recording: Recording, index: PackageIndex) -> None:
        """Show what an origin before this one has stored, as far as it is there and players may go back."""
        self._window.take_up(index, recording.headers(), recording.runs, first_msn=recording.first_msn)
        if self.is_playable:
            self._playable.set()

    def add(self, made: Sequence[Ready]) -> None:
        """Show what has been made; who waits for it gets it now."""
        self._window.add(made)
        self._contents.add(made)
        self._forget(made)
        if any(isinstance(ready, PartReady) for ready in made):
            self._newest_s = monotonic()
        if self.is_playable:
            self._playable.set()
        self.waiters.release(self._is_there)

    def end(self) -> None:
        """Say that nothing more comes."""
        self._window.end()
        self._kept.clear()
        self._playable.set()
        self.waiters.release(lambda _: True)

    async def playlist(self, name: str, reload: Reload | None = None) -> Playlist:
        """Return a playlist or the manifest; waits for what is asked to be waited for (RFC 8216bis, 6.2.5.2).

        Raises MediaNotFound, PlaylistReloadInvalid, LiveStalled.
        """
        if not self._is_shown:
            await self._until_playable()
        if name == _MASTER:
            return self._keep((name, False), lambda: format_multivariant(self._window))
        if name == _MANIFEST:
            return self._keep((name, False), lambda: format_live_manifest(self._window, clock_url=CLOCK_PATH))
        track = name.removesuffix(_MEDIA_PLAYLIST)
        if track == name or track not in self._tracks:
            raise MediaNotFound
        if reload is not None:
            await self._until_wanted(reload)
        skip = reload is not None and reload.skip
        return self._keep((name, skip), lambda: format_media_playlist(self._window, track, skip=skip))

    async def media(self, name: str) -> LiveFile | None:
        """Return a header, a segment or a part; waits for the part that comes next. None: it is not in memory."""
        content = self._contents.find(name)
        if content is not None or self._window.is_ended:
            return content
        place = _place_of(name)
        if place is None or place != self._window.next_part:
            return None
        await self._wait(place)
        return self._contents.find(name)

    def version_of(self, name: str) -> Version:
        """Return what tells a file that never changes from others, also from one that a lost origin gave that name."""
        named = f"{self._begun_ns} {name}"
        return Version(f'"{hashlib.blake2b(named.encode(), digest_size=8).hexdigest()}"', self._begun_ns // 10**9)

    async def _until_playable(self) -> None:
        if not self._playable.is_set():
            try:
                async with asyncio.timeout(self._timing.most_wait_s):
                    await self._playable.wait()
            except TimeoutError as error:
                raise LiveStalled from error
        self._is_shown = self.is_playable
        if not self._is_shown:
            raise MediaNotFound

    async def _until_wanted(self, reload: Reload) -> None:
        """Wait until the playlist holds what is asked for."""
        decision = decide(reload, self._window)
        if isinstance(decision, Refuse):
            raise PlaylistReloadInvalid
        if isinstance(decision, Wait):
            await self._wait(decision.edge)

    async def _wait(self, place: Edge) -> None:
        if not await self.waiters.wait(place, timeout_s=self._timing.most_wait_s):
            raise LiveStalled

    def _is_there(self, place: Edge) -> bool:
        return self._window.has(*place)

    def _forget(self, made: Sequence[Ready]) -> None:
        """Forget what was written of the state before: the longest of it changes with whole segments only."""
        kinds = {type(ready) for ready in made}
        has_segment = SegmentReady in kinds
        if InitReady in kinds:
            self._kept.clear()
        self._kept = {
            key: kept
            for key, kept in self._kept.items()
            if key[0] == _MASTER or (key[0] == _MANIFEST and not has_segment)
        }

    def _keep(self, key: tuple[str, bool], make: Callable[[], str]) -> Playlist:
        """Return what was made for this state already, or make it: once for all who ask."""
        kept = self._kept.get(key)
        if kept is None:
            plain = make().encode()
            etag = hashlib.blake2b(plain, digest_size=8).hexdigest()
            version = Version(f'"{etag}"', int(clock.now().timestamp()))
            compressed = gzip.compress(plain, _LEVEL, mtime=0)
            kept = self._kept[key] = Playlist(plain, compressed, version, monotonic())
        return kept


def _place_of(name: str) -> Edge | None:
    """Return which part a file is; None if it is none."""
    match = _PART.fullmatch(name)
    return Edge(int(match[1]), int(match[2])) if match else None
