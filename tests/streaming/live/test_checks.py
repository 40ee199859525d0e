"""The checks of live servers find what is wrong: playlists of ours, each with one fault."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import httpx
import pytest

from benchmarks.live_conformance import checks_hls
from benchmarks.live_conformance.checks_requests import Asking
from benchmarks.live_conformance.fetching import Answer, Fetcher
from benchmarks.live_conformance.lines import PlaylistWrong, parse_playlist
from benchmarks.live_conformance.running import Findings, Verdict, checks_of
from benchmarks.live_conformance.watching import Snapshot, Watched, parse_master
from streaming.media.live.playlists import format_media_playlist, format_multivariant
from streaming.media.live.ready import InitReady, PartReady, SegmentReady
from tests.streaming.media.live.feeding import CLOCK_S, HIGH, LOW, SOUND
from tests.streaming.media.live.showing import Shown

BASE = "http://origin.test/m/token-of-a-viewer/"
TRACKS = (HIGH.name, LOW.name, SOUND.name)
# How often somebody looks, as seconds of media; and on the monotonic clock, where parts may not come late.
MOMENTS = (8.4, 12.9)
Change = Callable[[str], str]


def answer(url: str, body: bytes, *, came_s: float = 0.0, kind: str = "application/vnd.apple.mpegurl") -> Answer:
    return Answer(
        url=url,
        status=200,
        headers=httpx.Headers({"content-type": kind}),
        body=body,
        size_bytes=len(body),
        first_byte_s=0.01,
        whole_s=0.02,
        came_s=came_s,
    )


@cache
def shown_after(seconds: float) -> Shown:
    return Shown(dvr_s=12).run(seconds)


def watched(name: str, changed: Change, at: int) -> Watched:
    """Return what a viewer has seen of a track; in the playlist of that moment one thing is changed."""
    url = f"{BASE}{name}/index.m3u8"
    track = Watched(url)
    for number, seconds in enumerate(MOMENTS):
        shown = shown_after(seconds)
        text = format_media_playlist(shown.window, name)
        text = changed(text) if number == at else text
        playlist = parse_playlist(text)
        seen_at = datetime.fromtimestamp(CLOCK_S + seconds, UTC)
        found = answer(url, text.encode(), came_s=number * 0.3)
        track.snapshots.append(Snapshot(playlist=playlist, answer=found, seen_at=seen_at))
        for segment in playlist.segments:
            for index, part in enumerate(segment.parts):
                track.parts.setdefault((segment.msn, index), (part, found.came_s))
            if segment.is_whole:
                track.segments.setdefault(segment.msn, segment)
    for item in shown.ready:
        if item.track != name:
            continue
        if isinstance(item, InitReady):
            track.inits["init.mp4"] = answer(url, item.content)
        elif isinstance(item, PartReady) and (item.msn, item.part) in track.parts:
            track.part_bytes[item.msn, item.part] = item.content
        elif isinstance(item, SegmentReady) and item.msn in track.segments:
            track.segment_answers[item.msn] = answer(url, item.content)
    return track


async def verdicts(changed: Change = str, *, at: int = 1, master_changed: Change = str) -> dict[str, Verdict]:
    master_text = master_changed(format_multivariant(shown_after(MOMENTS[0]).window))
    master = parse_master(answer(f"{BASE}master.m3u8", master_text.encode()))
    async with Fetcher() as fetcher:
        known = {
            "master": master,
            "tracks": [watched(name, changed, at) for name in TRACKS],
            "asking": Asking(fetcher, master),
        }
        findings = Findings(known)
        await findings.judge(*checks_of(checks_hls))
    return {verdict.number: verdict for verdict in findings.verdicts}


@pytest.mark.asyncio
async def test_what_is_right_passes() -> None:
    found = await verdicts()
    assert {number: verdict.fault for number, verdict in found.items() if verdict.fault} == {}
    assert len(found) >= 25


def swap(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text, text
        return text.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("number", "at", "changed"),
    [
        ("H07", 1, swap("TARGETDURATION:2", "TARGETDURATION:3")),
        ("H08", 1, swap("MEDIA-SEQUENCE:1\n", "MEDIA-SEQUENCE:0\n")),
        ("H09", 1, swap("\n4.m4s", "\n4-again.m4s")),
        ("H10", 1, swap("DISCONTINUITY-SEQUENCE:0", "DISCONTINUITY-SEQUENCE:1")),
        ("H12", 1, swap("08:00:04.0", "08:00:05.0")),
        ("H16", 1, swap("PART-TARGET=0.357", "PART-TARGET=0.356")),
        ("H16", 1, swap("PART-HOLD-BACK=1.071", "PART-HOLD-BACK=1.0")),
        ("H17", 0, swap("DURATION=0.3", "DURATION=0.4")),
        ("H19", 0, swap(",INDEPENDENT=YES\n", "\n")),
        ("H23", 0, swap("#EXT-X-PRELOAD-HINT", "#EXT-X-OTHER-HINT")),
        ("H25", 1, swap("LAST-MSN=7", "LAST-MSN=5")),
        ("H26", 1, swap("CAN-SKIP-UNTIL=12", "CAN-SKIP-UNTIL=8")),
    ],
)
@pytest.mark.asyncio
async def test_a_fault_in_a_media_playlist_is_found(number: str, at: int, changed: Change) -> None:
    assert (await verdicts(changed, at=at))[number].fault


@pytest.mark.parametrize(
    ("number", "changed"),
    [
        ("H02", swap("BANDWIDTH=5140000,", "")),
        ("H02", swap("RESOLUTION=", "RESOLVED=")),
        ("H03", swap("avc1.64000c", "avc1.640028")),
        ("H04", swap("FRAME-RATE=30.000", "FRAME-RATE=25.000")),
        ("H05", swap("#EXT-X-INDEPENDENT-SEGMENTS\n", "")),
    ],
)
@pytest.mark.asyncio
async def test_a_fault_in_the_multivariant_playlist_is_found(number: str, changed: Change) -> None:
    assert (await verdicts(master_changed=changed))[number].fault


@pytest.mark.parametrize(
    "text",
    [
        "#EXTINF:2,\n1.m4s\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-TARGETDURATION:2\n",
        "#EXTM3U\n#EXTINF:2,\n1.m4s\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n1.m4s\n#EXT-X-MEDIA-SEQUENCE:1\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PROGRAM-DATE-TIME:2027-01-15T08:00:00\n#EXTINF:2,\n1.m4s\n",
    ],
)
def test_what_is_no_playlist_is_refused(text: str) -> None:
    with pytest.raises(PlaylistWrong):
        parse_playlist(text)
