"""Reads what a stream has left in the store, as far as it came before its origin was lost."""

from streaming.media.errors import BoxViolation, TimelineViolation
from streaming.media.index_json import parse_index
from streaming.media.live.recording import Recording
from streaming.media.live.runs import Run, parse_runs
from streaming.media.live.timing import LiveTiming
from streaming.runtime.segment_store import SegmentStore

RUNS = "runs.json"


def read_recording(store: SegmentStore, path: str, timing: LiveTiming, *, is_kept: bool = True) -> Recording:
    """Return the recording in a folder: what its last index tells, and the segments that were stored after it.

    Of one that is not kept the first segments may have been deleted.

    Raises:
        FileNotFoundError: there is no index, or no header of a track that it names.
        MediaFault: what is there is no package.
        PackageStorageUnreachable, PackageStorageRefused: as the store does.
    """
    index = parse_index(store.read(f"{path}/index.json").decode())
    inits = {track.name: store.read(f"{path}/{track.name}/init.mp4") for track in index.media()}
    recording = Recording.taken_up(index, inits, timing, _read_runs(store, path))
    for name in inits:
        _forget_missing(recording, store, path, name, is_kept=is_kept)
        _recover(recording, store, path, name)
    return recording


def _read_runs(store: SegmentStore, path: str) -> tuple[Run, ...]:
    try:
        return parse_runs(store.read(f"{path}/{RUNS}").decode())
    except FileNotFoundError:
        # The stream of an older version: its viewers may go back to what comes from now on.
        return ()


def _forget_missing(recording: Recording, store: SegmentStore, path: str, track: str, *, is_kept: bool) -> None:
    """End the track before the first segment that is not there: an index is small, and may overtake what it names."""
    stored = set(store.list(f"{path}/{track}"))
    numbers = range(1, recording.next_msn(track))
    there = (number for number in numbers if f"{path}/{track}/{number}.m4s" in stored)
    first_msn = 1 if is_kept else next(there, 1)
    recording.first_msn = max(recording.first_msn, first_msn)
    for number in numbers[first_msn - 1 :]:
        if f"{path}/{track}/{number}.m4s" not in stored:
            recording.end_before(track, number)
            return


def _recover(recording: Recording, store: SegmentStore, path: str, track: str) -> None:
    """Go on until a segment is missing, damaged, or does not fit to the one before it."""
    while True:
        try:
            recording.recover(track, store.read(f"{path}/{track}/{recording.next_msn(track)}.m4s"))
        except (FileNotFoundError, BoxViolation, TimelineViolation):
            return
