"""A package while it grows: at every moment, what its playlists name is stored, and nothing that was said changes."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.media.hls import MediaPlaylist, MultivariantPlaylist
from streaming.media.hls_package import build_playlists
from streaming.media.index_json import format_index, parse_index
from streaming.media.packager import AudioOutput, File, Packager, VideoOutput
from streaming.media.segmenter import TIMELINE_START_S
from tests.streaming.media import conformance
from tests.streaming.media.test_packager import ENGLISH, HIGH, LOW, picture, sound

SURROUND = AudioOutput(name="audio-en-6", label="English 5.1", language="en")
PICTURES, SOUND = {"video-720": picture(14), "video-360": picture(14)}, sound(14.2)
STREAMS = {**PICTURES, "audio-en": SOUND, "audio-en-6": SOUND}
OUTPUTS: tuple[VideoOutput | AudioOutput, ...] = (HIGH, LOW, ENGLISH, SURROUND)


def slices(order: list[tuple[str, int]]) -> list[tuple[str, bytes]]:
    """Deal the pipes out in slices of those lengths, then what is left, then their ends."""
    left = dict(STREAMS)
    dealt = []
    for name, size in order:
        dealt.append((name, left[name][:size]))
        left[name] = left[name][size:]
    dealt += list(left.items())
    return [(name, part) for name, part in dealt if part] + [(name, b"") for name in STREAMS]


def grow(order: list[tuple[str, int]]) -> tuple[dict[str, bytes], list[dict[str, str]], Packager]:
    """Feed a packager; return its files, and its playlists as they were behind each slice that completed something."""
    packager = Packager(OUTPUTS, segment_s=Fraction(4))
    stored: dict[str, bytes] = {}
    states: list[dict[str, str]] = []
    for name, part in slices(order):
        files = packager.feed(name, part)
        add(stored, files)
        if any(file.name.endswith(".m4s") for file in files):
            states.append(build_playlists(packager.index(is_whole=False, target_duration_s=4)))
            assert_stored(stored, states[-1])
    return stored, states, packager


def add(stored: dict[str, bytes], files: tuple[File, ...]) -> None:
    for file in files:
        assert file.name not in stored, f"{file.name} was written twice"
        stored[file.name] = file.content


def assert_stored(stored: dict[str, bytes], playlists: dict[str, str]) -> None:
    """Hold that every file is there that a playlist names, whole."""
    master = MultivariantPlaylist.parse(playlists["master.m3u8"])
    named = [variant.uri for variant in master.variants] + [rendition.uri for rendition in master.renditions]
    for name in named:
        playlist = MediaPlaylist.parse(playlists[name])
        folder = name.partition("/")[0]
        assert f"{folder}/{playlist.map_uri}" in stored
        for segment in playlist.segments:
            content = stored[f"{folder}/{segment.uri}"]
            if segment.byte_range:
                assert segment.byte_range.offset + segment.byte_range.length <= len(content)


orders = st.lists(st.tuples(st.sampled_from(sorted(STREAMS)), st.integers(1, 4000)), max_size=40)


@settings(max_examples=20, deadline=None)
@given(orders)
def test_playlists_name_what_is_stored_in_whatever_order_pipes_are_read(order: list[tuple[str, int]]) -> None:
    stored, states, packager = grow(order)
    whole = packager.index(is_whole=True, target_duration_s=4)
    assert_stored(stored, build_playlists(whole))
    assert states
    assert [len(track.segments) for track in whole.media()] == [4, 4, 4, 4]


@settings(max_examples=20, deadline=None)
@given(orders)
def test_the_order_of_reading_changes_no_byte(order: list[tuple[str, int]]) -> None:
    usual, _, first = grow([])
    stored, _, second = grow(order)
    assert stored == usual
    assert first.index(is_whole=True, target_duration_s=4) == second.index(is_whole=True, target_duration_s=4)


def test_what_was_said_of_a_track_stays_said() -> None:
    order = [(name, 3000) for _ in range(20) for name in STREAMS]
    _, states, _ = grow(order)
    assert len(states) > 4
    for earlier, later in pairwise(states):
        for name in earlier.keys() & later.keys() - {"master.m3u8"}:
            conformance.check_h08_h09_what_grows_keeps_its_numbers(earlier[name], later[name])


def test_an_index_can_be_put_down_and_taken_up_again_at_any_moment() -> None:
    packager = Packager(OUTPUTS, segment_s=Fraction(4))
    for name, part in slices([(name, 5000) for _ in range(6) for name in STREAMS]):
        packager.feed(name, part)
        index = packager.index(is_whole=False, target_duration_s=4)
        assert parse_index(format_index(index)) == index
        assert build_playlists(parse_index(format_index(index))) == build_playlists(index)


@pytest.mark.parametrize(
    ("seconds", "segments"), [(1, 1), (3.9, 1), (4, 1), (4.1, 2), (7.99, 2), (8.3, 2), (8.5, 3), (12, 3)]
)
def test_sound_of_any_length_is_kept_to_its_last_sample(seconds: float, segments: int) -> None:
    packager = Packager((HIGH, ENGLISH), segment_s=Fraction(4))
    for name, stream in (("video-720", picture(8)), ("audio-en", sound(seconds))):
        packager.feed(name, stream)
        packager.feed(name, b"")
    index = packager.index(is_whole=True, target_duration_s=4)
    (audio,) = index.audio
    assert audio.duration_s == Fraction(round(seconds * 48000 / 1024) * 1024, 48000)
    assert audio.start == TIMELINE_START_S * 48000
    # What is longer than the picture by less than a tenth of a segment makes no segment of its own.
    assert len(audio.segments) == segments


@pytest.mark.parametrize("segment_s", [Fraction(1), Fraction(2), Fraction(3), Fraction(6), Fraction(1001, 250)])
def test_segments_of_any_length_can_be_asked_for(segment_s: Fraction) -> None:
    packager = Packager((HIGH, ENGLISH), segment_s=segment_s)
    for name in ("video-720", "audio-en"):
        packager.feed(name, STREAMS[name])
        packager.feed(name, b"")
    index = packager.index(is_whole=True, target_duration_s=round(segment_s) + 1)
    (video,), (audio,) = index.video, index.audio
    # Key frames come once a second: the first at or behind the mark is taken, less half a frame.
    step = -(-(segment_s - Fraction(1, 50)) // 1)
    assert len(video.segments) == -(-14 // step)
    assert {segment.duration for segment in video.segments[:-1]} <= {int(step) * 12800}
    # Sound is a fifth of a second longer: where segments are short, that is one more.
    assert len(audio.segments) == len(video.segments) + (segment_s <= 2)
