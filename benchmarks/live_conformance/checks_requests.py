"""H24 and H27 to H39: how a server answers, above all those who wait. Each asks by itself."""

import time
from collections.abc import Sequence
from fractions import Fraction
from itertools import cycle, islice

from benchmarks.live_conformance.crowd import wait_together
from benchmarks.live_conformance.fetching import Answer, Fetcher, resolve
from benchmarks.live_conformance.lines import LivePlaylist, attributes, parse_playlist
from benchmarks.live_conformance.watching import Master

_WITHIN_S = 0.3
_AT_ONCE_S = 0.25
_SPREAD_S = 0.1
_VIEWERS = 100


class Asking:
    """A stream, and the first of its rungs, of which things are asked.

    `slack` makes all limits of time so many times as long, where the machine has other things to do as well. `others`
    are the addresses that other viewers have for the same stream: a server may limit what one of them asks at once.
    """

    def __init__(self, fetcher: Fetcher, master: Master, *, slack: float = 1, others: Sequence[str] = ()) -> None:
        self.fetcher, self.master, self.slack = fetcher, master, slack
        self._others = others
        self.url = master.urls[0]

    def urls_of_viewers(self) -> list[str]:
        """Return the first rung's address as each viewer has it."""
        base = resolve(self.master.answer.url, ".")
        return [self.url, *(resolve(other, self.url.removeprefix(base)) for other in self._others)]

    async def ask(self, query: str = "") -> Answer:
        return await self.fetcher.get(self.url + query)

    async def playlist(self, query: str = "") -> LivePlaylist:
        answer = await self.ask(query)
        assert answer.status == 200, f"{query or 'the playlist'} is answered {answer.status}"
        return parse_playlist(answer.text)

    async def reloaded(self, msn: int, part: int | None) -> tuple[Answer, LivePlaylist]:
        query = f"?_HLS_msn={msn}" if part is None else f"?_HLS_msn={msn}&_HLS_part={part}"
        answer = await self.ask(query)
        assert answer.status == 200, f"{query} is answered {answer.status}"
        return answer, parse_playlist(answer.text)

    async def fresh(self) -> LivePlaylist:
        """Return the playlist right after a part has come, so that the next one is a whole part away."""
        _, playlist = await self.reloaded(*(await self.playlist()).next_part)
        return playlist


async def h24_a_hinted_part_comes_at_once_when_it_is_whole(asking: Asking) -> None:
    playlist = await asking.fresh()
    hint = next(each for each in playlist.hints if each["TYPE"] == "PART")
    answer = await asking.fetcher.get(resolve(asking.url, hint["URI"]))
    assert answer.status == 200, f"the hinted part is answered {answer.status}"
    assert int(answer.headers["content-length"]) == len(answer.body), "its length is told wrongly"
    target_s = float(playlist.part_target_s)
    assert answer.first_byte_s > target_s / 4 / asking.slack, f"its first byte came after {answer.first_byte_s:.3f} s"
    assert answer.whole_s - answer.first_byte_s < target_s / 2 * asking.slack, "it was sent while it was made"


async def h27_the_next_part_is_waited_for(asking: Asking) -> None:
    playlist = await asking.fresh()
    place = playlist.next_part
    answer, later = await asking.reloaded(*place)
    assert later.newest >= place, f"{place} was asked for and {later.newest} came"
    limit_s = (float(playlist.part_target_s) + _WITHIN_S) * asking.slack
    assert answer.whole_s <= limit_s, f"it came after {answer.whole_s:.3f} s"


async def h28_the_next_segment_is_waited_for(asking: Asking) -> None:
    for part in (0, None):
        playlist = await asking.fresh()
        msn = (
            playlist.last_whole_msn + 2
            if playlist.segments[-1].msn > playlist.last_whole_msn
            else playlist.next_part[0]
        )
        _, later = await asking.reloaded(msn, part)
        assert later.segments[-1].msn >= msn, f"segment {msn} was asked for, and {later.segments[-1].msn} came"


async def h29_a_part_behind_the_last_of_its_segment_is_the_first_of_the_next(asking: Asking) -> None:
    playlist = await asking.fresh()
    most = max(len(segment.parts) for segment in playlist.whole[-2:])
    opened = playlist.next_part[0]
    while len(playlist.segments[-1].parts) < most - 1 or playlist.segments[-1].is_whole:
        _, playlist = await asking.reloaded(*playlist.next_part)
        opened = playlist.segments[-1].msn
    answer, later = await asking.reloaded(opened, most)
    assert later.newest >= (opened + 1, 0), f"{opened}-{most} was asked for, and {later.newest} came"
    limit_s = (3 * float(playlist.part_target_s) + _WITHIN_S) * asking.slack
    assert answer.whole_s <= limit_s, f"it came after {answer.whole_s:.3f} s"


async def h30_what_has_left_the_window_is_answered_at_once(asking: Asking) -> None:
    playlist = await asking.fresh()
    for msn in (max(0, playlist.first_msn - 1), 0, playlist.last_whole_msn):
        answer, found = await asking.reloaded(msn, None)
        assert answer.whole_s < _AT_ONCE_S * asking.slack, f"segment {msn} took {answer.whole_s:.3f} s"
        assert found.whole, "the playlist is empty"
        assert not found.skipped, "it leaves something out"


async def h31_senseless_requests_are_refused(asking: Asking) -> None:
    await _are_refused(asking, ["?_HLS_part=0", "?_HLS_msn=soon", "?_HLS_msn=-1", "?_HLS_msn=1&_HLS_part=x"])


async def h32_requests_too_far_ahead_are_refused(asking: Asking) -> None:
    playlist = await asking.fresh()
    target = playlist.part_target_s
    most_ahead = int(3 / target) if target < 1 else 3
    msn, part = playlist.next_part
    queries = [f"?_HLS_msn={playlist.last_whole_msn + 4}", f"?_HLS_msn={msn}&_HLS_part={part + most_ahead + 2}"]
    await _are_refused(asking, queries)


async def _are_refused(asking: Asking, queries: Sequence[str]) -> None:
    for query in queries:
        answer = await asking.ask(query)
        assert answer.status == 400, f"{query} is answered {answer.status}"
        assert answer.whole_s < _AT_ONCE_S * asking.slack, f"{query} took {answer.whole_s:.3f} s"


async def h34_all_who_wait_are_released_together(asking: Asking) -> None:
    msn, part = (await asking.fresh()).next_part
    query = f"?_HLS_msn={msn}&_HLS_part={part + 1}"
    answers = await wait_together([url + query for url in islice(cycle(asking.urls_of_viewers()), _VIEWERS)])
    statuses = {status for status, _ in answers}
    assert statuses == {200}, f"they were answered {statuses}"
    came = sorted(moment for _, moment in answers)
    spread_s = came[int(_VIEWERS * 0.95)] - came[0]
    assert spread_s <= _SPREAD_S * asking.slack, f"they were released within {spread_s:.3f} s"


async def h35_unknown_parameters_are_tolerated(asking: Asking) -> None:
    for query in ("?_HLS_unheard=7", "?utm_source=x&_HLS_msn=1", "?%zz=1"):
        answer = await asking.ask(query)
        assert answer.status == 200, f"{query} is answered {answer.status}"


async def h36_what_is_known_can_be_left_out(asking: Asking) -> None:
    for skip, version in (("YES", 9), ("v2", 9)):
        whole, delta = await _same_moment(asking, skip)
        boundary_s = Fraction(whole.control["CAN-SKIP-UNTIL"])
        listed_s = sum((segment.duration_s for segment in whole.whole), Fraction(0))
        if listed_s > boundary_s + whole.target_duration_s:
            assert delta.skipped, f"_HLS_skip={skip} skips nothing of {float(listed_s)} s"
            assert delta.version >= version, f"it is of version {delta.version}"
        kept = [(each.msn, each.uri, each.duration_s, each.parts) for each in delta.segments]
        known = [(each.msn, each.uri, each.duration_s, each.parts) for each in whole.segments]
        assert known[delta.skipped :] == kept, "what is left out and what is told do not make the whole"


async def _same_moment(asking: Asking, skip: str) -> tuple[LivePlaylist, LivePlaylist]:
    """Return the playlist in full and with what is known left out, both of the same state."""
    for _ in range(10):
        before = await asking.fresh()
        delta = await asking.playlist(f"?_HLS_skip={skip}")
        if delta.newest == before.newest:
            return before, delta
    raise AssertionError("the playlist changes faster than it can be asked for")


async def h37_other_sites_may_read(asking: Asking) -> None:
    playlist = await asking.playlist()
    urls = [asking.master.answer.url, asking.url, resolve(asking.url, playlist.whole[-1].uri)]
    urls += [resolve(asking.url, playlist.whole[-1].map_uri), f"{asking.url}?_HLS_part=1", f"{asking.url}.m3u8"]
    for url in urls:
        answer = await asking.fetcher.get(url, headers={"origin": "https://viewer.example"})
        _check_cors(answer)
    asked = {"origin": "https://viewer.example", "access-control-request-method": "GET"}
    preflight = await asking.fetcher.get(
        urls[2], method="OPTIONS", headers=asked | {"access-control-request-headers": "range"}
    )
    _check_cors(preflight)
    assert preflight.status in (200, 204), f"a preflight is answered {preflight.status}"
    assert "range" in preflight.headers.get("access-control-allow-headers", "").lower(), "ranges are not allowed"


def _check_cors(answer: Answer) -> None:
    allowed = answer.headers.get("access-control-allow-origin")
    assert allowed in ("*", "https://viewer.example"), f"{answer.url} allows {allowed}"
    has_credentials = answer.headers.get("access-control-allow-credentials") == "true"
    assert not (allowed == "*" and has_credentials), f"{answer.url} allows everybody with credentials"


async def h38_what_may_be_kept_is_told(asking: Asking) -> None:
    playlist = await asking.fresh()
    plain = await asking.ask()
    assert _may_keep_s(plain) <= 1, f"a playlist may be kept: {plain.headers.get('cache-control')}"
    waited, _ = await asking.reloaded(*playlist.next_part)
    assert _may_keep_s(waited) <= 6 * playlist.target_duration_s, "a playlist that was waited for may be kept too long"
    for uri in (playlist.whole[-1].uri, playlist.whole[-1].map_uri, playlist.whole[-1].parts[0].uri):
        answer = await asking.fetcher.get(resolve(asking.url, uri))
        assert _may_keep_s(answer) >= 3600, f"{uri} may be kept: {answer.headers.get('cache-control')}"
    refused = await asking.ask("?_HLS_part=0")
    assert _may_keep_s(refused) <= 1, "an error may be kept"


def _may_keep_s(answer: Answer) -> float:
    said = answer.headers.get("cache-control", "").lower()
    if "no-cache" in said or "no-store" in said:
        return 0
    ages = [attributes(part.strip().upper()).get("MAX-AGE") for part in said.split(",") if "max-age" in part]
    return float(ages[0] or 0) if ages else float("inf")


async def h39_playlists_are_compressed_and_media_is_not(asking: Asking) -> None:
    answer = await asking.ask()
    assert answer.headers.get("content-encoding") == "gzip", "the playlist is not compressed"
    assert "accept-encoding" in answer.headers.get("vary", "").lower(), "it does not vary by Accept-Encoding"
    uri = parse_playlist(answer.text).whole[-1].uri
    segment = await asking.fetcher.get(resolve(asking.url, uri))
    assert "content-encoding" not in segment.headers, "media is compressed"
    some = await asking.fetcher.get(segment.url, headers={"range": "bytes=10-19"})
    assert (some.status, some.body) == (206, segment.body[10:20]), f"a range is answered {some.status}"
    outside = await asking.fetcher.get(segment.url, headers={"range": f"bytes={len(segment.body)}-"})
    assert outside.status == 416, f"a range behind the end is answered {outside.status}"


async def h40_the_head_says_what_the_whole_does(asking: Asking) -> None:
    uri = (await asking.playlist()).whole[-1].uri
    for url in (asking.master.answer.url, resolve(asking.url, uri)):
        whole, head = await asking.fetcher.get(url), await asking.fetcher.get(url, method="HEAD")
        names = ("content-type", "content-length", "cache-control", "access-control-allow-origin")
        assert [head.headers.get(name) for name in names] == [whole.headers.get(name) for name in names], url


async def waited_s(asking: Asking) -> tuple[int, float]:
    """Return how a request for the next part is answered, and after how long; for a stream that has stalled."""
    msn, part = (await asking.playlist()).next_part
    started_s = time.monotonic()
    answer = await asking.ask(f"?_HLS_msn={msn}&_HLS_part={part}")
    return answer.status, time.monotonic() - started_s
