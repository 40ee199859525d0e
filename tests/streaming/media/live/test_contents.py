"""What is kept in memory of a live stream."""

from streaming.media.live.ready import InitReady, PartReady, SegmentReady
from tests.streaming.media.live.feeding import HIGH, SOUND
from tests.streaming.media.live.showing import Shown


def test_headers_parts_and_segments_are_found_by_their_names() -> None:
    shown = Shown().run(5)
    assert len(shown.ready) > 30
    for item in shown.ready:
        assert shown.contents.find(item.name) == item.content
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
    assert shown.contents.find(segments[-1].name) == segments[-1].content


def test_headers_are_never_forgotten() -> None:
    shown = Shown().run(40.5)
    (init, *_) = [item for item in shown.ready if isinstance(item, InitReady)]
    assert shown.contents.find(init.name) == init.content


def test_memory_does_not_grow() -> None:
    short, long = Shown().run(30.5), Shown().run(70.5)
    assert long.contents.size_bytes <= short.contents.size_bytes * 1.05
