"""What a stream leaves behind."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from catalog.models import Movie
from portal.models import AuditEntry
from streaming.errors import PackageStorageUnreachable, SourceIsGone
from streaming.media.index_json import format_index, index_from_json, parse_index
from streaming.media.live.ready import PartReady
from streaming.media.live.timing import LiveTiming
from streaming.media.package_index import PackageIndex, SegmentEntry, TextTrack, VideoTrack
from streaming.models import Package, Source, Stream
from streaming.runtime.segment_store import FolderStore
from streaming.services.jobs import enqueue_job
from streaming.services.live import LEASE, HeldElsewhere
from streaming.services.recordings import finish_recording, keep_for_finishing, recover_recordings
from tests.factories import AT, make_channel, make_stream
from tests.streaming.media.conformance import check_h13_times_go_on_without_a_hole
from tests.streaming.media.live.showing import Shown

pytestmark = pytest.mark.django_db

LEFT = f"packages/{'5' * 32}"


def an_index(segments: int = 3) -> PackageIndex:
    track = VideoTrack(
        name="v-h264-640x360",
        codec="avc1.64001e",
        timescale=90000,
        start=900000,
        segments=(SegmentEntry(180000, 50_000, 5_000),) * segments,
        width_px=640,
        height_px=360,
        frame_rate=Fraction(30),
    )
    return PackageIndex(is_whole=True, target_duration_s=2, video=(track,))


def test_a_recording_is_the_draft_of_a_movie_that_can_be_played_as_it_is() -> None:
    channel = make_channel(title="Studio One", description="From the studio.")
    stream = make_stream(channel, phase="ended", active_at=AT)
    package = finish_recording(stream_id=stream.pk, index=an_index(), at=AT)
    assert package is not None
    movie = Movie.objects.get()
    assert (movie.title, movie.visibility, movie.runtime_s) == ("Studio One, 2026-11-20 18:00", "DRAFT", 6)
    assert movie.synopsis == "From the studio."
    assert (package.state, package.path, package.movie) == ("READY", f"packages/{stream.package_hex}", movie)
    assert index_from_json(package.index) == an_index()
    assert (package.duration_s, package.size_bytes) == (6.0, 150_000)
    assert Stream.objects.get().recording == package
    assert AuditEntry.objects.get(action="stream.recorded").after == {"movie": movie.pk, "duration_s": 6.0}


def test_finishing_it_twice_makes_one_movie() -> None:
    stream = make_stream(phase="ended")
    first = finish_recording(stream_id=stream.pk, index=an_index(), at=AT)
    assert finish_recording(stream_id=stream.pk, index=an_index(), at=AT) == first
    assert Movie.objects.count() == Package.objects.count() == 1


@pytest.mark.parametrize(("is_recorded", "segments"), [(False, 3), (True, 0), (True, 2)])
def test_what_is_not_kept_becomes_nothing(is_recorded: bool, segments: int) -> None:
    stream = make_stream(phase="ended", is_recorded=is_recorded)
    assert finish_recording(stream_id=stream.pk, index=an_index(segments), at=AT) is None
    assert not Movie.objects.exists()


def test_a_stream_that_is_gone_with_its_channel_becomes_nothing() -> None:
    stream = make_stream(phase="ended")
    Stream.objects.all().delete()
    assert finish_recording(stream_id=stream.pk, index=an_index(), at=AT) is None


@pytest.fixture
def left(tmp_path: Path) -> FolderStore:
    """What a stream has left after nine seconds, the last index being four seconds old."""
    shown, store = Shown().run(5), FolderStore(tmp_path)
    store.write(f"{LEFT}/index.json", format_index(shown.recording.index(is_whole=False)).encode())
    for item in shown.run(4.1).ready:
        if not isinstance(item, PartReady):
            store.write(f"{LEFT}/{item.name}", item.content)
    return store


def recover(store: FolderStore, *, at: datetime = AT + timedelta(minutes=1)) -> int:
    return recover_recordings(store=store, timing=LiveTiming(), clock=lambda: at)


def left_stream(**overrides: Any) -> Stream:
    return make_stream(phase="failed", package_hex=LEFT.removeprefix("packages/"), **overrides)


def test_what_a_lost_origin_has_left_becomes_a_whole_package(left: FolderStore, tmp_path: Path) -> None:
    stream = left_stream()
    assert recover(left) == 1
    package = Package.objects.get()
    assert (package.path, package.movie) == (LEFT, Movie.objects.get())
    assert package.duration_s is not None
    assert 8 <= package.duration_s <= 9.1
    assert parse_index(left.read(f"{LEFT}/index.json").decode()) == index_from_json(package.index)
    assert b"#EXT-X-STREAM-INF" in left.read(f"{LEFT}/master.m3u8")
    check_h13_times_go_on_without_a_hole(tmp_path / LEFT)
    assert Stream.objects.get(pk=stream.pk).recording == package
    assert recover(left) == 0


def test_an_origin_has_a_minute_to_do_it_itself(left: FolderStore) -> None:
    left_stream()
    assert recover(left, at=AT + timedelta(seconds=59)) == 0
    assert Stream.objects.get().is_recorded


def test_a_stream_that_goes_on_is_left_alone(left: FolderStore) -> None:
    make_stream(package_hex=LEFT.removeprefix("packages/"))
    assert recover(left) == 0


@pytest.mark.parametrize("file", ["index.json", "video-720/init.mp4"])
@pytest.mark.parametrize("content", [None, b"", b"{}"])
def test_what_is_no_package_is_given_up_once_and_its_broadcaster_is_told(
    left: FolderStore, file: str, content: bytes | None
) -> None:
    left_stream()
    left.remove(f"{LEFT}/{file}") if content is None else left.write(f"{LEFT}/{file}", content)
    assert recover(left) == 0
    assert Stream.objects.get().is_recorded
    assert recover(left, at=AT + timedelta(days=1)) == recover(left, at=AT + timedelta(days=1)) == 0
    stream = Stream.objects.get()
    assert (stream.is_recorded, stream.error) == (False, "recording-lost")
    assert AuditEntry.objects.filter(action="stream.recording_lost").count() == 1


def test_a_damaged_segment_ends_what_is_kept(left: FolderStore) -> None:
    left_stream()
    left.write(f"{LEFT}/video-720/4.m4s", b"damaged")
    assert recover(left) == 1
    assert {len(track.segments) for track in index_from_json(Package.objects.get().index).media()} == {3}


def test_while_the_store_is_away_recordings_wait() -> None:
    class AwayStore(FolderStore):
        def read(self, name: str) -> bytes:
            raise PackageStorageUnreachable()

    left_stream()
    assert recover(AwayStore(Path("/nowhere"))) == 0
    assert Stream.objects.get().is_recorded


def test_nothing_can_be_packaged_again_from_a_recording() -> None:
    stream = make_stream(phase="ended")
    finish_recording(stream_id=stream.pk, index=an_index(), at=AT)
    with pytest.raises(SourceIsGone):
        enqueue_job(source_id=Source.objects.get().pk, by=None, at=AT)


def test_an_origin_finishes_nothing_that_another_has_taken_up() -> None:
    stream = make_stream(phase="ended", lease_owner="b:1935")
    with pytest.raises(HeldElsewhere):
        finish_recording(stream_id=stream.pk, index=an_index(), at=AT, lease_owner="a:1935")
    assert finish_recording(stream_id=stream.pk, index=an_index(), at=AT, lease_owner="b:1935") is not None


def test_a_worker_leaves_alone_what_an_origin_still_stores(left: FolderStore) -> None:
    stream = left_stream(lease_owner="a:1935")
    at = AT + timedelta(minutes=9)
    keep_for_finishing(stream_id=stream.pk, at=at, lease_owner="a:1935")
    assert recover(left, at=at + LEASE - timedelta(seconds=1)) == 0
    assert recover(left, at=at + LEASE) == 1


def test_nothing_is_kept_for_an_origin_whose_stream_goes_on_elsewhere() -> None:
    stream = make_stream(lease_owner="b:1935")
    with pytest.raises(HeldElsewhere):
        keep_for_finishing(stream_id=stream.pk, at=AT, lease_owner="a:1935")
    Stream.objects.all().delete()
    keep_for_finishing(stream_id=stream.pk, at=AT, lease_owner="a:1935")


def test_a_longer_index_takes_the_place_of_a_shorter_one_and_not_the_other_way() -> None:
    stream = make_stream(phase="ended")
    for segments in (3, 5, 4):
        finish_recording(stream_id=stream.pk, index=an_index(segments), at=AT)
    package = Package.objects.get()
    assert index_from_json(package.index) == an_index(5)
    assert (package.duration_s, package.size_bytes) == (10.0, 250_000)


def test_a_package_that_was_worked_on_stays_as_it_is() -> None:
    stream = make_stream(phase="ended")
    text = TextTrack(name="c1", label="English", files=())
    worked_on = replace(an_index(), texts=(text,))
    finish_recording(stream_id=stream.pk, index=worked_on, at=AT)
    finish_recording(stream_id=stream.pk, index=an_index(5), at=AT)
    assert index_from_json(Package.objects.get().index) == worked_on
