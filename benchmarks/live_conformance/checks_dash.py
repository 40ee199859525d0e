"""D01 to D08 and D11 to D14: the manifest of a live stream, read as players read it, twice with a pause between."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from benchmarks.live_conformance.fetching import Answer, Fetcher, resolve
from benchmarks.live_conformance.watching import Watched, seconds_between
from streaming.media.boxes import find_box
from streaming.media.fragments import Fragment, FragmentReader

_NS = {"": "urn:mpeg:dash:schema:mpd:2011"}
_LENGTH = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?")
_CLOCKS = ("urn:mpeg:dash:utc:http-iso:2014", "urn:mpeg:dash:utc:http-xsdate:2014", "urn:mpeg:dash:utc:direct:2014")
_PAUSE_S = 4.0
_SEGMENTS_BEHIND = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A segment of the manifest: its time and length in the track's timescale, and where it is."""

    time: int
    duration: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A representation of one period."""

    period: Element
    adaptation: Element
    representation: Element
    init_url: str
    timescale: int
    segments: tuple[Listed, ...]

    @property
    def key(self) -> tuple[str | None, str | None]:
        return self.period.get("id"), self.representation.get("id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest at one moment."""

    answer: Answer
    root: Element
    seen_at: datetime
    tracks: tuple[Track, ...]


async def read_manifest(fetcher: Fetcher, url: str) -> Manifest:
    answer = await fetcher.get(url)
    assert answer.status == 200, f"{url} is answered {answer.status}"
    root = fromstring(answer.body)
    return Manifest(answer=answer, root=root, seen_at=datetime.now(UTC), tracks=tuple(_tracks(root, url)))


async def read_twice(fetcher: Fetcher, url: str) -> tuple[Manifest, Manifest]:
    first = await read_manifest(fetcher, url)
    await asyncio.sleep(_PAUSE_S)
    return first, await read_manifest(fetcher, url)


def _tracks(root: Element, url: str) -> list[Track]:
    found = []
    for period in root.findall("Period", _NS):
        for adaptation in period.findall("AdaptationSet", _NS):
            for representation in adaptation.findall("Representation", _NS):
                template = representation.find("SegmentTemplate", _NS)
                template = adaptation.find("SegmentTemplate", _NS) if template is None else template
                assert template is not None, "a representation has no SegmentTemplate"
                found.append(_track(period, adaptation, representation, template, url))
    return found


def _track(period: Element, adaptation: Element, representation: Element, template: Element, url: str) -> Track:
    def address(pattern: str, **values: object) -> str:
        known = {"RepresentationID": representation.get("id"), **values}
        return resolve(url, re.sub(r"\$(\w+)\$", lambda match: str(known[match[1]]), template.get(pattern, "")))

    number, listed = int(template.get("startNumber", "1")), []
    for time, duration in _timeline(template):
        listed.append(Listed(time=time, duration=duration, url=address("media", Number=number, Time=time)))
        number += 1
    return Track(
        period=period,
        adaptation=adaptation,
        representation=representation,
        init_url=address("initialization"),
        timescale=int(template.get("timescale", "1")),
        segments=tuple(listed),
    )


def _timeline(template: Element) -> list[tuple[int, int]]:
    found, at = [], 0
    for entry in template.findall("SegmentTimeline/S", _NS):
        at = int(entry.get("t", at))
        for _ in range(int(entry.get("r", "0")) + 1):
            found.append((at, int(entry.get("d", "0"))))
            at += int(entry.get("d", "0"))
    return found


def d01_the_manifest_is_one(first: Manifest) -> None:
    assert first.answer.headers["content-type"].startswith("application/dash+xml"), "it has another media type"
    assert first.root.tag == "{urn:mpeg:dash:schema:mpd:2011}MPD", first.root.tag
    assert first.root.get("profiles"), "it names no profile"
    assert first.root.get("type") == "dynamic", "it is not dynamic"


def d02_its_times_go_on(first: Manifest, second: Manifest) -> None:
    begun = {each.root.get("availabilityStartTime") for each in (first, second)}
    assert len(begun) == 1, f"it began at {begun}"
    assert None not in begun, "it does not say when it began"
    assert _moment(first, "publishTime") <= _moment(second, "publishTime"), "it was published earlier later on"
    assert first.root.get("minimumUpdatePeriod"), "it does not say when to ask again"


async def d03_there_is_a_clock(fetcher: Fetcher, first: Manifest) -> None:
    timing = first.root.find("UTCTiming", _NS)
    assert timing is not None, "there is no UTCTiming"
    assert timing.get("schemeIdUri") in _CLOCKS, timing.get("schemeIdUri")
    said = timing.get("value", "")
    if timing.get("schemeIdUri") != _CLOCKS[2]:
        answer = await fetcher.get(resolve(first.answer.url, said))
        assert answer.status == 200, f"{answer.url} is answered {answer.status}"
        said = answer.text
    off_s = seconds_between(datetime.now(UTC), datetime.fromisoformat(said.strip()))
    assert abs(off_s) < Fraction(1, 2), f"it is {float(off_s)} s off"


def d04_the_live_edge_is_where_the_clock_says(first: Manifest, second: Manifest) -> None:
    behind = [_behind_s(each) for each in (first, second)]
    assert all(-1 < each < 10 for each in behind), f"the newest segment ended {behind} s ago"
    assert abs(behind[1] - behind[0]) < 3, f"it drifts: {behind}"


def _behind_s(manifest: Manifest) -> float:
    """Return how long before it was read the newest segment has ended."""
    ends = []
    for track in _last_period(manifest):
        start = _seconds(track.period.get("start", "PT0S"))
        offset = Fraction(_presentation_offset(track), track.timescale)
        ends.append(start + Fraction(track.segments[-1].time + track.segments[-1].duration, track.timescale) - offset)
    since = seconds_between(manifest.seen_at, _moment(manifest, "availabilityStartTime"))
    return float(since - min(ends))


def _presentation_offset(track: Track) -> int:
    for parent in (track.representation, track.adaptation):
        template = parent.find("SegmentTemplate", _NS)
        if template is not None:
            return int(template.get("presentationTimeOffset", "0"))
    return 0


async def d05_all_that_is_listed_is_there(fetcher: Fetcher, second: Manifest) -> None:
    depth = _seconds(second.root.get("timeShiftBufferDepth", "PT0S"))
    for track in _last_period(second):
        longest = max(Fraction(each.duration, track.timescale) for each in track.segments)
        assert depth >= _SEGMENTS_BEHIND * longest, f"the buffer is {float(depth)} s deep"
        for listed in (track.segments[0], track.segments[-1]):
            answer = await fetcher.get(listed.url)
            assert answer.status == 200, f"{listed.url} is answered {answer.status}"
    coming = re.sub(r"(\d+)(\.\w+)$", lambda match: f"{int(match[1]) + 9}{match[2]}", track.segments[-1].url)
    answer = await fetcher.get(coming)
    assert answer.status in (404, 425), f"what is to come is answered {answer.status}"


async def d06_the_timeline_is_that_of_the_files(fetcher: Fetcher, second: Manifest) -> None:
    for track in _last_period(second):
        header = await fetcher.get(track.init_url)
        for listed, following in pairwise(track.segments[-3:]):
            fragments = _read(header.body, (await fetcher.get(listed.url)).body)
            first = fragments[0]
            found = first.decode_time + first.samples[0].composition_offset
            assert abs(found - listed.time) <= 0, f"{listed.url} begins at {found}, and {listed.time} is told"
            assert listed.time + listed.duration == following.time, f"there is a hole behind {listed.url}"


def d07_picture_and_sound_are_apart(second: Manifest) -> None:
    for period in second.root.findall("Period", _NS):
        sets = period.findall("AdaptationSet", _NS)
        kinds = [(each.get("contentType"), each.get("lang")) for each in sets]
        assert len(set(kinds)) == len(kinds), f"a period has {kinds}"
        for each in sets:
            assert each.get("segmentAlignment") == "true", "segments are not aligned"
            assert each.get("startWithSAP") == "1", "segments do not begin with a key frame"


def d08_nothing_leaves_before_its_time(first: Manifest, second: Manifest) -> None:
    later = {track.key: track for track in second.tracks}
    for track in first.tracks:
        if track.key not in later:
            continue
        kept = {each.time for each in later[track.key].segments}
        oldest = min(kept)
        gone = [each.time for each in track.segments if each.time > oldest and each.time not in kept]
        assert not gone, f"segments at {gone} of {track.key} have gone"
    assert {track.key for track in _last_period(first)} <= later.keys(), "a period or representation has another id"


def d11_chunks_are_announced_honestly(second: Manifest) -> None:
    """Whole segments only, unless it says that they come in chunks."""
    for track in second.tracks:
        for parent in (track.representation, track.adaptation):
            template = parent.find("SegmentTemplate", _NS)
            if template is not None and template.get("availabilityTimeOffset"):
                assert template.get("availabilityTimeComplete") == "false", "segments come early, and whole"


def d12_it_says_how_late_to_be(second: Manifest) -> None:
    latency = second.root.find("ServiceDescription/Latency", _NS)
    rate = second.root.find("ServiceDescription/PlaybackRate", _NS)
    assert latency is not None, "it names no latency"
    assert int(latency.get("min", "0")) <= int(latency.get("target", "0")) <= int(latency.get("max", "0")), "it is odd"
    assert rate is not None, "it names no playback rate"


def d13_the_files_are_those_of_hls(second: Manifest, tracks: list[Watched]) -> None:
    told = {resolve(track.url, uri) for track in tracks for uri in track.inits}
    told |= {resolve(track.url, segment.uri) for track in tracks for segment in track.segments.values()}
    for track in _last_period(second):
        assert track.init_url in told, f"{track.init_url} is none of HLS"
        shared = [each.url for each in track.segments if each.url in told]
        assert shared, f"no segment of {track.key} is one of HLS"


async def d14_brands_and_bases(fetcher: Fetcher, second: Manifest) -> None:
    for track in _last_period(second):
        header = (await fetcher.get(track.init_url)).body
        brands = bytes(header[8:32])
        assert b"cmfc" in brands or b"iso6" in brands, f"{track.init_url} is of brands {brands!r}"
        content = (await fetcher.get(track.segments[-1].url)).body
        flags = find_box(memoryview(content), "moof/traf/tfhd")
        assert flags is not None, f"{track.segments[-1].url} has no tfhd"
        assert int.from_bytes(flags[1:4]) & 0x020000, "data does not begin at the moof"


def period_ends_s(root: Element) -> list[tuple[Fraction, Fraction | None, Fraction]]:
    """Return of each Period but the last when it begins, when it ends, if it says so, and when the next one begins."""
    found = []
    for before, after in pairwise(root.findall("Period", _NS)):
        start, length = _seconds(before.get("start", "PT0S")), before.get("duration")
        found.append((start, start + _seconds(length) if length else None, _seconds(after.get("start", "PT0S"))))
    return found


def _last_period(manifest: Manifest) -> list[Track]:
    last = manifest.tracks[-1].period
    return [track for track in manifest.tracks if track.period is last]


def _moment(manifest: Manifest, name: str) -> datetime:
    said = manifest.root.get(name)
    assert said, f"it does not say {name}"
    return datetime.fromisoformat(said)


def _seconds(length: str) -> Fraction:
    match = _LENGTH.fullmatch(length)
    assert match, f"{length!r} is no length"
    return Fraction(match[1] or 0) * 3600 + Fraction(match[2] or 0) * 60 + Fraction(match[3] or 0)


def _read(header: bytes, content: bytes) -> list[Fragment]:
    reader = FragmentReader()
    reader.feed(header)
    return [item for item in reader.feed(content) if isinstance(item, Fragment)]
