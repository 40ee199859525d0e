"""H33 and H41 to H44, D09 and D10: what becomes of a stream whose broadcaster freezes, comes back and stops."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree.ElementTree import Element

from benchmarks.live_conformance.checks_dash import period_ends_s
from benchmarks.live_conformance.checks_requests import Asking, waited_s
from benchmarks.live_conformance.fetching import resolve
from benchmarks.live_conformance.lines import LivePlaylist, parse_playlist
from benchmarks.live_conformance.publishing import Broadcaster
from benchmarks.live_conformance.watching import Watched

_LATE_S = 1.5
_JOINED_S = 3.0
_STALE_S = 15.0
_ATTEMPTS = 6
_AT_ONCE_S = 0.5
_REFUSED = (401, 403, 404)


async def h33_who_waits_in_vain_is_told(asking: Asking, broadcaster: Broadcaster) -> None:
    broadcaster.freeze()
    most_s = 3 * (await asking.playlist()).target_duration_s + _LATE_S * asking.slack
    for _ in range(_ATTEMPTS):
        # What was on its way when it froze still comes.
        status, took_s = await waited_s(asking)
        assert took_s <= most_s, f"it was answered after {took_s:.1f} s"
        if status != 200:
            break
    assert status == 503, f"it was answered {status}"


def h42_what_comes_back_goes_on(tracks: list[Watched], returned: list[Watched]) -> None:
    for before, after in zip(tracks, returned, strict=True):
        _check_numbers(before, after)
        _check_times(after)


def _check_numbers(before: Watched, after: Watched) -> None:
    last = before.last.whole[-1]
    assert after.last.first_msn >= before.last.first_msn, f"{before.url} counts anew"
    again = [segment for segment in after.last.segments if segment.is_discontinuous and segment.msn > last.msn]
    assert again, f"{before.url} goes on without a discontinuity"
    assert last.msn not in after.segments or after.segments[last.msn].uri == last.uri, "a segment has another address"


def _check_times(track: Watched) -> None:
    listed = [segment for segment in track.last.segments if segment.shown_at]
    for earlier, later in pairwise(listed):
        if earlier.shown_at and later.shown_at:
            end = earlier.shown_at + timedelta(seconds=float(earlier.duration_s)) - timedelta(milliseconds=2)
            assert later.shown_at >= end, f"segment {later.msn} of {track.url} was shown before {earlier.msn} had ended"
    ends: dict[int, int] = {}
    for segment, _, fragments in track.read():
        start = fragments[0].decode_time
        ends[segment.msn] = start + sum(sample.duration for each in fragments for sample in each.samples)
        due = ends.get(segment.msn - 1)
        assert due is None or start >= due or segment.is_discontinuous, f"segment {segment.msn} overlaps the last"


async def h41_the_end_is_told(asking: Asking, broadcaster: Broadcaster) -> None:
    playlist = await asking.fresh()
    limit_s = 2 * playlist.target_duration_s + _LATE_S * asking.slack
    await broadcaster.stop()
    try:
        async with asyncio.timeout(limit_s):
            while not playlist.is_ended:
                msn, part = playlist.next_part
                answer = await asking.ask(f"?_HLS_msn={msn}&_HLS_part={part}")
                playlist = parse_playlist(answer.text) if answer.status == 200 else playlist
    except TimeoutError as error:
        raise AssertionError(f"it has not ended after {limit_s} s") from error
    for url in asking.master.urls:
        await _check_ended(asking, url)


async def _check_ended(asking: Asking, url: str) -> None:
    answer = await asking.fetcher.get(f"{url}?_HLS_msn=999999&_HLS_part=3&_HLS_skip=YES")
    assert answer.status == 200, f"{url} is answered {answer.status} when it has ended"
    assert answer.whole_s < _AT_ONCE_S * asking.slack, f"{url} took {answer.whole_s:.2f} s"
    playlist: LivePlaylist = parse_playlist(answer.text)
    assert playlist.is_ended, f"{url} has no end"
    assert not playlist.hints, f"{url} promises something"
    assert not playlist.skipped, f"{url} leaves something out"
    for segment in playlist.segments:
        found = await asking.fetcher.get(resolve(url, segment.uri), method="HEAD")
        assert found.status == 200, f"{segment.uri} is answered {found.status}"


async def h43_what_is_not_there_is_not_answered(asking: Asking) -> None:
    playlist = await asking.playlist()
    urls = [asking.master.answer.url, asking.url, *(resolve(asking.url, uri) for uri in _media(playlist))]
    for url in urls:
        # A long name in the path is that of the stream, or the token that opens it.
        other = re.sub(r"(?<=[^/:]/)([^/]{12,})/", lambda match: match[1][:-6] + "aaaaaa/", url)
        assert other != url, f"{url} holds no name of a stream that could be another one"
        answer = await asking.fetcher.get(other)
        assert answer.status in _REFUSED, f"a stream that is not there is answered {answer.status}"


def _media(playlist: LivePlaylist) -> list[str]:
    last = playlist.whole[-1]
    return [last.uri, last.map_uri, *(part.uri for part in last.parts[:1])]


async def h44_who_joins_a_stream_that_nobody_watched_sees_it_soon(asking: Asking) -> None:
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    await asking.fetcher.get(asking.master.answer.url)
    for url in asking.master.urls:
        playlist = parse_playlist((await asking.fetcher.get(url)).text)
        newest = next(segment for segment in reversed(playlist.segments) if segment.parts)
        for uri in (newest.map_uri, newest.parts[0].uri):
            answer = await asking.fetcher.get(resolve(url, uri))
            assert answer.status == 200, f"{answer.url} is answered {answer.status}"
        assert newest.shown_at is not None, f"{url} tells no time of the day"
        old_s = abs((datetime.now(UTC) - newest.shown_at).total_seconds())
        assert old_s < _STALE_S, f"{url} is {old_s:.0f} s old"
    took_s = loop.time() - started_s
    assert took_s <= _JOINED_S * asking.slack, f"it took {took_s:.1f} s"


def d09_what_comes_back_is_a_period_of_its_own(ended: Element) -> None:
    """Or goes on in the same one; in no case do two of them overlap."""
    for begin_s, end_s, following_s in period_ends_s(ended):
        assert begin_s < following_s, "a period begins before the one before it"
        assert end_s is None or end_s <= following_s, "two periods overlap"


def d10_the_end_is_told(ended: Element) -> None:
    assert ended.get("type") == "static" or ended.get("mediaPresentationDuration"), "it goes on"
    assert ended.get("minimumUpdatePeriod") is None, "it is to be asked for again"
