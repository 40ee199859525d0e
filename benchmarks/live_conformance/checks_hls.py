"""H01 to H26: what playlists and segments say, looked at over some seconds of a stream.

Numbers are those of a list of checks for servers of low-latency HLS. Each raises AssertionError with what is wrong.
"""

from fractions import Fraction
from itertools import pairwise

from benchmarks.live_conformance.checks_requests import Asking
from benchmarks.live_conformance.lines import LivePlaylist
from benchmarks.live_conformance.watching import Master, Watched, seconds_between
from streaming.media.boxes import children, find_box
from streaming.media.fragments import Fragment
from streaming.media.sample_entries import Picture
from streaming.media.tracks import Track

_TYPES = ("application/vnd.apple.mpegurl", "audio/mpegurl")
_MILLISECOND = Fraction(1, 1000)
_LEAST_SHARE = Fraction(85, 100)
_BETWEEN_TRACKS_S = Fraction(40, 1000)
# How much later than a part lasts the next one may be seen: the machine that looks is busy, too.
_LATE_S = 0.2
_LEADING = (b"styp", b"emsg", b"prft", b"sidx")


def h01_playlists_are_what_they_say(master: Master, tracks: list[Watched]) -> None:
    answers = [master.answer, *(track.snapshots[0].answer for track in tracks)]
    for answer in answers:
        kind = answer.headers["content-type"].partition(";")[0].lower()
        assert kind in _TYPES, f"{answer.url} is of type {kind}"
        assert answer.body.startswith(b"#EXTM3U\n"), f"{answer.url} does not begin with #EXTM3U"
        answer.body.decode("utf-8")


def h02_variants_say_everything(master: Master) -> None:
    assert master.variants, "there is no variant"
    for variant in master.variants:
        wanted = {"BANDWIDTH", "AVERAGE-BANDWIDTH", "CODECS"}
        if "avc1" in variant.said.get("CODECS", "") or "hvc1" in variant.said.get("CODECS", ""):
            wanted |= {"RESOLUTION", "FRAME-RATE"}
        assert wanted <= variant.said.keys(), f"{variant.url} lacks {wanted - variant.said.keys()}"
        if "AUDIO" in variant.said:
            assert master.sound_of(variant), f"no rendition is of group {variant.said['AUDIO']}"


def h03_codecs_are_those_of_the_headers(master: Master, tracks: list[Watched]) -> None:
    by_url = {track.url: track for track in tracks}
    for variant in master.variants:
        urls = {variant.url, *(each.url for each in master.sound_of(variant))}
        found = {_header(by_url[url]).media.codec for url in urls}
        assert found == set(variant.said["CODECS"].split(",")), f"{variant.said['CODECS']} is {found}"


def h04_bandwidth_and_frame_rate_are_true(master: Master, tracks: list[Watched]) -> None:
    by_url = {track.url: track for track in tracks}
    for variant in master.variants:
        sounds = [by_url[each.url] for each in master.sound_of(variant) if each.url != variant.url]
        peak = _peak_bps(by_url[variant.url]) + max(map(_peak_bps, sounds), default=0)
        told = int(variant.said["BANDWIDTH"])
        assert peak <= told * 1.1, f"{variant.url} has {peak:.0f} bit/s where {told} is told"
        if "FRAME-RATE" in variant.said:
            rate = _frame_rate(by_url[variant.url])
            assert abs(rate / float(variant.said["FRAME-RATE"]) - 1) < 0.01, f"{variant.url}: {rate} frames a second"


def h05_segments_are_independent(master: Master, tracks: list[Watched]) -> None:
    assert "#EXT-X-INDEPENDENT-SEGMENTS" in master.answer.text.splitlines(), "no EXT-X-INDEPENDENT-SEGMENTS"
    for track in tracks:
        for segment, _, fragments in track.read():
            assert fragments[0].samples[0].is_sync, f"segment {segment.msn} of {track.url} begins with no key frame"


def h06_variants_are_aligned(master: Master, tracks: list[Watched]) -> None:
    rungs = [track for track in tracks if track.url in {variant.url for variant in master.variants}]
    assert len({track.last.target_duration_s for track in tracks}) == 1, "target durations differ"
    assert len({track.last.part_target_s for track in tracks}) == 1, "part targets differ"
    starts = [{segment.msn: _start_s(header, parts) for segment, header, parts in rung.read()} for rung in rungs]
    for others in starts[1:]:
        common = others.keys() & starts[0].keys()
        assert common, "no segment of the same number was seen"
        frame_s = 1 / _frame_rate(rungs[0])
        wrong = [msn for msn in common if abs(others[msn] - starts[0][msn]) > frame_s]
        assert not wrong, f"segments {wrong} begin at different times"


def h07_the_target_duration_holds(tracks: list[Watched]) -> None:
    for track in tracks:
        targets = {snapshot.playlist.target_duration_s for snapshot in track.snapshots}
        assert len(targets) == 1, f"{track.url} had target durations {targets}"
        longest = max(segment.duration_s for segment in track.segments.values())
        assert int(longest + Fraction(1, 2)) <= targets.pop(), f"{track.url} has a segment of {float(longest)} s"


def h08_the_media_sequence_counts_what_was_removed(tracks: list[Watched]) -> None:
    for track in tracks:
        for before, after in pairwise(snapshot.playlist for snapshot in track.snapshots):
            removed = after.first_msn - before.first_msn
            assert removed >= 0, f"{track.url} went back from {before.first_msn} to {after.first_msn}"
            kept = [segment.uri for segment in before.whole][removed:]
            assert [segment.uri for segment in after.whole][: len(kept)] == kept, f"{track.url} lost a segment"


def h09_a_number_keeps_its_address(tracks: list[Watched]) -> None:
    for track in tracks:
        for snapshot in track.snapshots:
            for segment in snapshot.playlist.whole:
                known = track.segments[segment.msn].uri
                assert segment.uri == known, f"segment {segment.msn} was {known} and is {segment.uri}"


def h10_the_discontinuity_sequence_counts_what_was_removed(tracks: list[Watched]) -> None:
    for track in tracks:
        for before, after in pairwise(snapshot.playlist for snapshot in track.snapshots):
            removed = after.first_msn - before.first_msn
            gone = sum(segment.is_discontinuous for segment in before.segments[:removed])
            assert after.first_discontinuity == before.first_discontinuity + gone, f"{track.url} counts otherwise"


def h11_files_are_what_they_should_be(tracks: list[Watched]) -> None:
    for track in tracks:
        for answer in track.inits.values():
            assert answer.status == 200, f"{answer.url} is answered {answer.status}"
            kinds = [box.kind for box in children(memoryview(answer.body))]
            assert kinds == [b"ftyp", b"moov"], f"{answer.url} holds {kinds}"
            assert find_box(memoryview(answer.body), "moov/mvex") is not None, f"{answer.url} has no mvex"
        for answer in track.segment_answers.values():
            _check_chunks(answer.body, answer.url)


def _check_chunks(content: bytes, name: str) -> None:
    kinds = [box.kind for box in children(memoryview(content))]
    while kinds and kinds[0] in _LEADING:
        del kinds[0]
    assert kinds, f"{name} holds no chunk"
    assert kinds == [b"moof", b"mdat"] * (len(kinds) // 2), f"{name} holds {kinds}"


def h12_times_of_the_day_go_on_as_the_segments_do(tracks: list[Watched]) -> None:
    for track in tracks:
        for snapshot in track.snapshots:
            playlist = snapshot.playlist
            assert playlist.segments[0].shown_at is not None, f"{track.url} begins without a time of the day"
        for snapshot in (track.snapshots[0], track.snapshots[-1]):
            _check_clock(snapshot.playlist, track.url)
            newest = [segment for segment in snapshot.playlist.segments if segment.shown_at][-1]
            assert newest.shown_at is not None
            assert abs(seconds_between(snapshot.seen_at, newest.shown_at)) < 60, f"{track.url}: {newest.shown_at}"


def _check_clock(playlist: LivePlaylist, url: str) -> None:
    for before, after in pairwise(playlist.whole):
        if before.shown_at and after.shown_at and not after.is_discontinuous:
            off = seconds_between(after.shown_at, before.shown_at) - before.duration_s
            assert abs(off) <= _MILLISECOND * 3 / 2, f"segment {after.msn} of {url} is {float(off)} s off the clock"


def h13_times_go_on_without_a_hole(tracks: list[Watched]) -> None:
    for track in tracks:
        due: tuple[int, int] | None = None
        for segment, header, fragments in track.read():
            allowed = 1 if isinstance(header.media, Picture) else fragments[0].samples[0].duration
            is_next = due is not None and due[0] == segment.msn
            if due is not None and is_next and not segment.is_discontinuous:
                off = abs(fragments[0].decode_time - due[1])
                assert off <= allowed, f"segment {segment.msn} of {track.url} is {off} ticks off"
            end = fragments[0].decode_time + sum(s.duration for each in fragments for s in each.samples)
            due = (segment.msn + 1, end)


def h14_picture_and_sound_are_together(tracks: list[Watched]) -> None:
    starts = [{segment.msn: _start_s(header, parts) for segment, header, parts in track.read()} for track in tracks]
    for others in starts[1:]:
        for msn in others.keys() & starts[0].keys():
            off = abs(others[msn] - starts[0][msn])
            assert off <= _BETWEEN_TRACKS_S, f"segment {msn} begins {float(off):.3f} s apart"


def h15_the_window_is_wide_enough(tracks: list[Watched]) -> None:
    for track in tracks:
        last = track.last
        listed_s = sum((segment.duration_s for segment in last.whole), Fraction(0))
        assert last.first_msn <= 1 or listed_s >= 3 * last.target_duration_s, f"{track.url} lists {float(listed_s)} s"


def h16_part_target_and_hold_back_stay(tracks: list[Watched]) -> None:
    for track in tracks:
        told = {(s.playlist.part_target_s, s.playlist.control.get("PART-HOLD-BACK")) for s in track.snapshots}
        assert len(told) == 1, f"{track.url} had part targets and hold-backs {told}"
        target, hold_back = told.pop()
        assert hold_back, f"{track.url} has no PART-HOLD-BACK"
        assert Fraction(hold_back) >= 3 * target, f"{track.url} holds back {hold_back} s of parts of {float(target)} s"


def h17_parts_are_as_long_as_told(tracks: list[Watched]) -> None:
    for track in tracks:
        target = track.last.part_target_s
        for (msn, number), (part, _) in track.parts.items():
            assert part.duration_s <= target, f"part {msn}-{number} of {track.url} lasts {float(part.duration_s)} s"
            is_last = (msn, number + 1) not in track.parts
            if not (is_last or part.is_independent or part.is_gap):
                share = part.duration_s / target
                assert share >= _LEAST_SHARE, f"part {msn}-{number} of {track.url} is {float(share):.2f} of the target"


def h18_parts_are_the_segment(tracks: list[Watched]) -> None:
    for track in tracks:
        seen = 0
        for msn, answer in track.segment_answers.items():
            numbers = [number for number in range(100) if (msn, number) in track.part_bytes]
            segment = track.segments[msn]
            if not numbers or len(segment.parts) != len(numbers):
                continue
            seen += 1
            joined = b"".join(track.part_bytes[msn, number] for number in numbers)
            assert joined == answer.body, f"segment {msn} of {track.url} is not its parts"
            listed = sum((part.duration_s for part in segment.parts), Fraction(0))
            assert abs(listed - segment.duration_s) <= _MILLISECOND, f"segment {msn} of {track.url}: {float(listed)} s"
        assert seen, f"no segment of {track.url} was seen with all its parts"


def h19_segments_begin_with_an_independent_part(tracks: list[Watched]) -> None:
    for track in tracks:
        for (msn, number), (part, _) in track.parts.items():
            if number:
                continue
            assert part.is_independent, f"part {msn}-0 of {track.url} is not independent"
            if (content := track.part_bytes.get((msn, 0))) and (segment := track.segments.get(msn)):
                first = track.fragments(segment.map_uri, content)[0]
                assert first.samples[0].is_sync, f"part {msn}-0 of {track.url} begins with no key frame"


def h20_parts_are_whole(tracks: list[Watched]) -> None:
    for track in tracks:
        assert track.part_bytes, f"no part of {track.url} was fetched"
        for (msn, number), content in track.part_bytes.items():
            _check_chunks(content, f"part {msn}-{number} of {track.url}")


def h21_what_holds_for_a_segment_stands_before_its_parts(tracks: list[Watched]) -> None:
    for track in tracks:
        for snapshot in track.snapshots:
            late = [(segment.msn, segment.late) for segment in snapshot.playlist.segments if segment.late]
            assert not late, f"{track.url}: {late}"


def h22_parts_come_in_time(tracks: list[Watched], asking: Asking) -> None:
    for track in tracks:
        came = [snapshot.answer.came_s for snapshot in track.snapshots[1:]]
        limit_s = (float(track.last.part_target_s) + _LATE_S) * asking.slack
        slow = [later - earlier for earlier, later in pairwise(came) if later - earlier > limit_s]
        assert not slow, f"{track.url} brought parts after {[round(each, 3) for each in slow]} s"


def h23_the_next_part_is_hinted_at(tracks: list[Watched]) -> None:
    for track in tracks:
        for before, after in pairwise(snapshot.playlist for snapshot in track.snapshots):
            if before.is_ended:
                continue
            hints = [hint for hint in before.hints if hint["TYPE"] == "PART"]
            assert len(hints) == 1, f"{track.url} has {len(hints)} hints at a part"
            if (came := _part_at(after, before.next_part)) is not None:
                assert came == hints[0]["URI"], f"{track.url} hinted at {hints[0]['URI']}, and {came} came"


def _part_at(playlist: LivePlaylist, place: tuple[int, int]) -> str | None:
    for segment in playlist.segments:
        if segment.msn == place[0] and place[1] < len(segment.parts):
            return segment.parts[place[1]].uri
    return None


def h25_other_playlists_are_reported(tracks: list[Watched]) -> None:
    for track in tracks:
        for snapshot in track.snapshots:
            playlist = snapshot.playlist
            if playlist.is_ended:
                continue
            reports = playlist.reports
            assert len(reports) == len(tracks) - 1, f"{track.url} reports {len(reports)} of {len(tracks) - 1} others"
            for report in reports:
                newest = (int(report["LAST-MSN"]), int(report["LAST-PART"]))
                assert _is_near(newest, playlist), f"{track.url} is at {playlist.newest}, {report['URI']} at {newest}"


def _is_near(reported: tuple[int, int], playlist: LivePlaylist) -> bool:
    """Tell whether a report is at most one part behind the playlist that it stands in."""
    msn, part = playlist.newest
    return reported >= (msn, part - 1) if part else reported[0] >= msn - 1


def h26_can_skip_until_is_far_enough(tracks: list[Watched]) -> None:
    for track in tracks:
        until = track.last.control.get("CAN-SKIP-UNTIL")
        assert until is None or Fraction(until) >= 6 * track.last.target_duration_s, f"{track.url} skips until {until}"


def _header(track: Watched) -> Track:
    return track.header(next(reversed(track.inits)))


def _start_s(header: Track, fragments: tuple[Fragment, ...]) -> Fraction:
    first = fragments[0]
    return header.seconds(first.decode_time + first.samples[0].composition_offset)


def _frame_rate(track: Watched) -> Fraction:
    rates = []
    for _, header, fragments in track.read():
        samples = [sample for each in fragments for sample in each.samples]
        rates.append(len(samples) / header.seconds(sum(sample.duration for sample in samples)))
    return rates[-1]


def _peak_bps(track: Watched) -> float:
    return max(
        len(answer.body) * 8 / float(track.segments[msn].duration_s) for msn, answer in track.segment_answers.items()
    )
