"""What a stream has left in the store is believed as far as it is there."""

from pathlib import Path

import pytest

from streaming.media.index_json import format_index
from streaming.media.live.ready import PartReady
from streaming.media.live.timing import LiveTiming
from streaming.runtime.segment_store import FolderStore
from streaming.runtime.stored_recordings import read_recording
from tests.streaming.media.live.showing import Shown

PATH = "packages/0123456789abcdef0123456789abcdef"


def stored(root: Path) -> FolderStore:
    """Store eight seconds of a stream, and the index of the first six."""
    store = FolderStore(root)
    shown = Shown().run(6.5)
    index = format_index(shown.recording.index(is_whole=False))
    shown.run(2.5)
    for item in shown.ready:
        if not isinstance(item, PartReady):
            store.write(f"{PATH}/{item.name}", item.content)
    store.write(f"{PATH}/index.json", index.encode())
    return store


def counts(store: FolderStore) -> list[int]:
    index = read_recording(store, PATH, LiveTiming()).index(is_whole=True)
    return [len(track.segments) for track in index.media()]


def test_segments_behind_the_index_are_found(tmp_path: Path) -> None:
    assert counts(stored(tmp_path)) == [5, 5, 5]


@pytest.mark.parametrize(("name", "left"), [("audio-und/5.m4s", 4), ("video-480/2.m4s", 1)])
def test_a_segment_that_is_not_there_ends_the_recording_whatever_the_index_says(
    tmp_path: Path, name: str, left: int
) -> None:
    store = stored(tmp_path)
    store.remove(f"{PATH}/{name}")
    assert counts(store) == [left] * 3
