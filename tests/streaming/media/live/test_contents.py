"""What is kept in memory of a live stream."""

import pytest

from streaming.media.live.ready import InitReady, PartReady, SegmentReady
from tests.streaming.media.live.feeding import HIGH, SOUND
from tests.streaming.media.live.showing import Shown


def content_of(shown: Shown, name: str) -> bytes:
    file = shown.contents.find(name)
    assert file is not None
    assert file.size == sum(map(len, file.pieces))
    return b"".join(file.pieces)


def test_headers_parts_and_segments_are_found_by_their_names() -> None:
    shown = Shown().run(5)
    assert len(shown.ready) > 30
    for item in shown.ready:
        assert content_of(shown, item.name) == item.content
    assert shown.contents.find("video-720/3.m4s") is None
    assert shown.contents.find("video-720/4-0.m4s") is None


def test_parts_stay_for_a_while_after_playlists_have_ceased_to_list_them() -> None:
    shown = Shown().run(40.5)
    parts = [item for item in shown.ready if isinstance(item, PartReady) and item.track == HIGH.name]
    kept = {part.msn for part in parts if shown.contents.find(part.name)}
    assert kept == set(range(15, 22))


def test_old_segments_are_left_to_the_store() -> None:
    shown = Shown().run(40.5)
    segments = [item for item in shown.ready if isinstance(item, SegmentReady) and item.track == SOUND.name]
    assert shown.contents.find(segments[0].name) is None
    assert content_of(shown, segments[-1].name) == segments[-1].content


def test_headers_are_never_forgotten() -> None:
    shown = Shown().run(40.5)
    (init, *_) = [item for item in shown.ready if isinstance(item, InitReady)]
    assert content_of(shown, init.name) == init.content


def test_memory_does_not_grow() -> None:
    short, long = Shown().run(30.5), Shown().run(70.5)
    assert long.contents.size_bytes <= short.contents.size_bytes * 1.05


def test_all_who_ask_for_a_segment_are_given_the_same_bytes() -> None:
    shown = Shown().run(5)
    name = f"{HIGH.name}/1.m4s"
    assert shown.contents.find(name) is shown.contents.find(name)
    part, segment = shown.contents.find(f"{HIGH.name}/1-0.m4s"), shown.contents.find(name)
    assert part is not None
    assert segment is not None
    assert segment.pieces[0] is part.pieces[0]


def test_a_piece_ends_where_its_part_does() -> None:
    shown = Shown().run(5)
    segment = shown.contents.find(f"{HIGH.name}/1.m4s")
    assert segment is not None
    whole, first = b"".join(segment.pieces), len(segment.pieces[0])
    assert segment.read(first - 3, 10) == whole[first - 3 : first]
    assert segment.read(first, 10) == whole[first : first + 10]
    assert len(segment.read(segment.size, 10)) == 0


@pytest.mark.parametrize(("most_bytes", "is_there"), [(0, False), (1 << 30, True)])
def test_who_is_slow_may_hold_so_much_of_what_is_old_and_no_more(
    monkeypatch: pytest.MonkeyPatch, most_bytes: int, is_there: bool
) -> None:
    monkeypatch.setattr("streaming.media.live.contents._MOST_BEHIND_BYTES", most_bytes)
    shown = Shown().run(5)
    held = shown.contents.find(f"{HIGH.name}/1.m4s")
    assert held is not None
    shown.run(40)
    assert shown.contents.find(f"{HIGH.name}/1.m4s") is None
    assert bool(held.read(0, 10)) is is_there
