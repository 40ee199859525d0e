"""What a stream leaves behind."""

from fractions import Fraction

import pytest

from catalog.models import Movie
from portal.models import AuditEntry
from streaming.errors import SourceIsGone
from streaming.media.index_json import index_from_json
from streaming.media.package_index import PackageIndex, SegmentEntry, VideoTrack
from streaming.models import Package, Source, Stream
from streaming.services.jobs import enqueue_job
from streaming.services.recordings import finish_recording
from tests.factories import AT, make_channel, make_stream

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize(("is_recorded", "segments"), [(False, 3), (True, 0)])
def test_what_is_not_kept_becomes_nothing(is_recorded: bool, segments: int) -> None:
    stream = make_stream(phase="ended", is_recorded=is_recorded)
    assert finish_recording(stream_id=stream.pk, index=an_index(segments), at=AT) is None
    assert not Movie.objects.exists()


def test_a_stream_that_is_gone_with_its_channel_becomes_nothing() -> None:
    stream = make_stream(phase="ended")
    Stream.objects.all().delete()
    assert finish_recording(stream_id=stream.pk, index=an_index(), at=AT) is None


def test_nothing_can_be_packaged_again_from_a_recording() -> None:
    stream = make_stream(phase="ended")
    finish_recording(stream_id=stream.pk, index=an_index(), at=AT)
    with pytest.raises(SourceIsGone):
        enqueue_job(source_id=Source.objects.get().pk, by=None, at=AT)
