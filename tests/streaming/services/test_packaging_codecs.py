"""Quality levels of HEVC and AV1: from a row of the ladder to playlists that readers of three makes agree with."""

from pathlib import Path

import pytest

from streaming.media.hls import MultivariantPlaylist
from streaming.models import Package, PackagingJob, QualityLevel
from tests.streaming.media import conformance
from tests.streaming.media.clips import probe
from tests.streaming.media.sources import FULL, make_film
from tests.streaming.media.test_conformance import assert_shaka_agrees
from tests.streaming.services.packaging_way import folder_of, make_small_ladder, package, upload

# The lease is kept from a thread of its own, which sees only what is committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ffmpeg]

COPIED = FULL.replace("-g 25", "-g 12").replace("d=1", "d=5")
ENCODED = "-f lavfi -i testsrc2=s=128x72:r=25:d=5 -f lavfi -i sine=d=5 -c:v mpeg4 -c:a mp2 -ac 2"
FOURCC = {"H264": ("avc1", "h264"), "HEVC": ("hvc1", "hevc"), "AV1": ("av01", "av1")}


@pytest.fixture(autouse=True)
def ladder(transactional_db: None) -> None:
    make_small_ladder()
    for codec in ("HEVC", "AV1"):
        QualityLevel.objects.create(name=codec, codec=codec, width_px=128, height_px=72, bitrate_bps=150_000)


@pytest.mark.parametrize(("made_by", "is_copied"), [(COPIED, True), (ENCODED, False)], ids=["beside a copy", "encoded"])
def test_a_level_of_another_codec_is_a_rung_of_it_beside_the_others(
    tmp_path: Path, made_by: str, is_copied: bool
) -> None:
    job = package(upload(make_film(tmp_path, made_by, name="film.mkv")))

    assert (job.state, job.failure_code, job.failure_facts) == (PackagingJob.State.SUCCEEDED, "", {})
    made = Package.objects.get(state=Package.State.READY)
    assert bool([track for track in made.index["video"] if track["ceiling_bps"] is None]) == is_copied
    folder = folder_of(made)
    conformance.check_package(folder)
    assert_shaka_agrees(folder, tmp_path)
    assert_playlists_name_what_is_there(folder)
    assert {len(track["segments"]) for track in made.index["video"]} == {2}


def assert_playlists_name_what_is_there(folder: Path) -> None:
    """Hold CODECS (RFC 6381) against what ffprobe finds in the first segment of each rung."""
    playlist = MultivariantPlaylist.parse((folder / "master.m3u8").read_text(encoding="utf-8"))
    rungs = [variant for variant in playlist.variants if not variant.is_of_key_frames]
    assert sorted(rung.codecs[0].partition(".")[0] for rung in rungs) == ["av01", "avc1", "avc1", "hvc1"]
    found = dict(FOURCC.values())
    for rung in rungs:
        name = Path(rung.uri).parent
        rung_file = folder / name / "whole.mp4"
        rung_file.write_bytes((folder / name / "init.mp4").read_bytes() + (folder / name / "1.m4s").read_bytes())
        (stream,) = probe(rung_file, "-show_entries", "stream=codec_name,codec_tag_string")["streams"]
        rung_file.unlink()
        fourcc = rung.codecs[0].partition(".")[0]
        assert (stream["codec_tag_string"], stream["codec_name"]) == (fourcc, found[fourcc])
