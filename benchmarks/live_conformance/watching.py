"""Watches a live stream for a while, as players do, and keeps what it was given: what the checks look at."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction

from benchmarks.live_conformance.fetching import Answer, Fetcher, resolve
from benchmarks.live_conformance.lines import LivePlaylist, Part, Segment, attributes, parse_playlist
from streaming.media.fragments import Fragment, FragmentReader
from streaming.media.tracks import Track

_STREAM = re.compile(r"#EXT-X-STREAM-INF:(.*)")
_MEDIA = re.compile(r"#EXT-X-MEDIA:(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A rung of the ladder, as the multivariant playlist has it."""

    url: str
    said: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """The multivariant playlist."""

    answer: Answer
    variants: tuple[Variant, ...]
    renditions: tuple[Variant, ...]

    @property
    def urls(self) -> list[str]:
        """Return the addresses of all media playlists, rungs first."""
        return list(dict.fromkeys(each.url for each in (*self.variants, *self.renditions)))

    def sound_of(self, variant: Variant) -> list[Variant]:
        return [each for each in self.renditions if each.said["GROUP-ID"] == variant.said.get("AUDIO")]


def parse_master(answer: Answer) -> Master:
    """Read a multivariant playlist; variants of key frames alone are left out."""
    lines = answer.text.splitlines()
    variants = [
        Variant(url=resolve(answer.url, lines[index + 1]), said=attributes(match[1]))
        for index, line in enumerate(lines)
        if (match := _STREAM.fullmatch(line))
    ]
    said = [attributes(match[1]) for line in lines if (match := _MEDIA.fullmatch(line))]
    renditions = [
        Variant(url=resolve(answer.url, each["URI"]), said=each)
        for each in said
        if each["TYPE"] == "AUDIO" and "URI" in each
    ]
    return Master(answer=answer, variants=tuple(variants), renditions=tuple(renditions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A media playlist at one moment; `seen_at` is the time of the day."""

    playlist: LivePlaylist
    answer: Answer
    seen_at: datetime


@dataclass(slots=True)
class Watched:
    """What was seen of one track.

    Attributes:
        parts: as listed, by segment and number, with when they were first seen on the monotonic clock.
        segments: as listed when whole, by number.
    """

    url: str
    snapshots: list[Snapshot] = field(default_factory=list)
    parts: dict[tuple[int, int], tuple[Part, float]] = field(default_factory=dict)
    segments: dict[int, Segment] = field(default_factory=dict)
    part_bytes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    segment_answers: dict[int, Answer] = field(default_factory=dict)
    inits: dict[str, Answer] = field(default_factory=dict)

    @property
    def last(self) -> LivePlaylist:
        return self.snapshots[-1].playlist

    @property
    def first(self) -> LivePlaylist:
        return self.snapshots[0].playlist

    def header(self, map_uri: str) -> Track:
        (track,) = FragmentReader().feed(self.inits[map_uri].body)
        if not isinstance(track, Track):
            raise AssertionError(f"{map_uri} holds no track")
        return track

    def fragments(self, map_uri: str, content: bytes) -> tuple[Fragment, ...]:
        """Read a segment or a part."""
        reader = FragmentReader()
        reader.feed(self.inits[map_uri].body)
        found = reader.feed(content)
        reader.finish()
        return tuple(item for item in found if isinstance(item, Fragment))

    def read(self) -> Iterator[tuple[Segment, Track, tuple[Fragment, ...]]]:
        """Yield the segments that were fetched, with their header and what is in them."""
        for msn, answer in sorted(self.segment_answers.items()):
            segment = self.segments[msn]
            yield segment, self.header(segment.map_uri), self.fragments(segment.map_uri, answer.body)


class Watcher:
    """Follows all tracks of a stream by blocked requests, and fetches what they list."""

    def __init__(self, fetcher: Fetcher, master: Master) -> None:
        self._fetcher = fetcher
        self.tracks = [Watched(url) for url in master.urls]

    async def watch(self, seconds: float) -> None:
        """Watch until so many seconds have passed, or the stream has ended."""
        await asyncio.gather(*(self._follow(track, seconds) for track in self.tracks))

    async def _follow(self, track: Watched, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + seconds
        playlist = await self._take(track, "")
        while loop.time() < until_s and not playlist.is_ended:
            msn, part = playlist.next_part
            playlist = await self._take(track, f"?_HLS_msn={msn}&_HLS_part={part}")
            await self._fetch_news(track, playlist)

    async def _take(self, track: Watched, query: str) -> LivePlaylist:
        answer = await self._fetcher.get(track.url + query)
        if answer.status != 200:
            raise AssertionError(f"{answer.url} is answered {answer.status}")
        playlist = parse_playlist(answer.text)
        track.snapshots.append(Snapshot(playlist=playlist, answer=answer, seen_at=datetime.now(UTC)))
        for segment in playlist.segments:
            for number, part in enumerate(segment.parts):
                track.parts.setdefault((segment.msn, number), (part, answer.came_s))
            if segment.is_whole:
                track.segments.setdefault(segment.msn, segment)
        return playlist

    async def _fetch_news(self, track: Watched, playlist: LivePlaylist) -> None:
        """Fetch parts as they come, and each segment once it is whole."""
        for segment in playlist.segments[-2:]:
            if segment.map_uri not in track.inits:
                track.inits[segment.map_uri] = await self._fetcher.get(resolve(track.url, segment.map_uri))
            for number, part in enumerate(segment.parts):
                if (segment.msn, number) not in track.part_bytes:
                    answer = await self._fetcher.get(resolve(track.url, part.uri))
                    track.part_bytes[segment.msn, number] = answer.body
            if segment.is_whole and segment.msn not in track.segment_answers:
                answer = await self._fetcher.get(resolve(track.url, segment.uri))
                track.segment_answers[segment.msn] = answer


def seconds_between(later: datetime, earlier: datetime) -> Fraction:
    """Return how far two moments are apart, to the microsecond."""
    between = later - earlier
    return Fraction(between.days * 86_400 + between.seconds) + Fraction(between.microseconds, 1_000_000)
