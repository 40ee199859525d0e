"""Films that are not quite usual, and pipes that are cut otherwise: what comes out is the same, and in its place."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.media.errors import MediaFault
from streaming.media.package_index import PackageIndex
from streaming.media.packager import AudioOutput, Packager, VideoOutput
from streaming.media.segmenter import TIMELINE_START_S
from tests.streaming.media import conformance
from tests.streaming.media.clips import TRACK_FLAGS, Clip, make_source, run, tracks_of
from tests.streaming.media.packing import pack
from tests.streaming.media.test_conformance import assert_same_samples, packets_of

pytestmark = pytest.mark.ffmpeg

VIDEO = VideoOutput(name="video", frame_rate=Fraction(25))
AUDIO = AudioOutput(name="audio", label="English")


def package_of(folder: Path, source: Path, *, target_duration_s: int = 1) -> PackageIndex:
    video, audio = tracks_of(source)
    return pack(
        folder / "package",
        {VIDEO: video, AUDIO: audio},
        segment_s=Fraction(1),
        target_duration_s=target_duration_s,
    )


def remux(source: Path, *options: str) -> Path:
    """Copy a film with other options, which may name the source again as a second input."""
    copy = source.with_name("remuxed.mp4")
    run("-i", source, *(str(source) if option == "SOURCE" else option for option in options), "-c", "copy", "-y", copy)
    return copy


def test_sound_that_begins_late_stays_late(tmp_path: Path) -> None:
    source = remux(make_source(tmp_path, Clip()), *("-itsoffset", "0.3", "-i", "SOURCE", "-map", "0:v", "-map", "1:a"))
    index = package_of(tmp_path, source)
    assert_same_samples(source, tmp_path / "package")
    (video,), (audio,) = index.video, index.audio
    # The encoder's priming of 1024 samples lies before the sound.
    heard = Fraction(audio.start + 1024, audio.timescale)
    assert float(heard - Fraction(video.start, video.timescale)) == pytest.approx(0.3, abs=0.001)


def test_a_picture_that_begins_late_stands_still_until_it_moves(tmp_path: Path) -> None:
    """Players begin where the last of picture and sound does: what is heard before it would be lost."""
    source = remux(make_source(tmp_path, Clip()), *("-itsoffset", "0.6", "-i", "SOURCE", "-map", "1:v", "-map", "0:a"))
    package_of(tmp_path, source, target_duration_s=2)
    folder = tmp_path / "package"
    conformance.check_package(folder)
    shown, heard = (packets_of(folder / name / "index.m3u8", "0") for name in ("video", "audio"))
    expected, expected_sound = packets_of(source, "v:0"), packets_of(source, "a:0")
    assert [packet["data_hash"] for packet in shown] == [packet["data_hash"] for packet in expected]
    assert [packet["data_hash"] for packet in heard] == [packet["data_hash"] for packet in expected_sound]
    tracked = conformance.Tracked(folder / "video" / "index.m3u8")
    first, *others = (
        float(tracked.track.seconds(at + sample.composition_offset) - TIMELINE_START_S)
        for fragments in tracked.segments
        for fragment in fragments
        for at, sample in zip(conformance.decode_times(fragment), fragment.samples, strict=True)
    )
    assert first == 0
    assert others == pytest.approx([float(packet["pts_time"]) for packet in expected[1:]], abs=1e-6)


def test_frames_of_different_lengths_keep_their_times(tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    run(
        *("-f", "lavfi", "-i", "testsrc2=size=192x108:rate=30:duration=4,select='not(mod(n,5))+lt(mod(n,30),10)'"),
        *("-f", "lavfi", "-i", "sine=duration=4", "-fps_mode", "vfr", "-c:v", "libx264", "-bf", "2"),
        *("-force_key_frames", "expr:gte(t,n_forced)", "-c:a", "aac", "-y", source),
    )
    index = package_of(tmp_path, source)
    assert_same_samples(source, tmp_path / "package")
    conformance.check_h05_segments_are_independent(tmp_path / "package")
    conformance.check_h13_times_go_on_without_a_hole(tmp_path / "package")
    assert len(index.video[0].segments) == 4


def test_a_film_of_one_frame_is_one_segment(tmp_path: Path) -> None:
    pipe = tmp_path / "video.pipe"
    run(
        *("-f", "lavfi", "-i", "testsrc2=size=192x108:rate=25", "-frames:v", "1", "-c:v", "libx264"),
        *("-pix_fmt", "yuv420p", "-movflags", TRACK_FLAGS + "+frag_keyframe", "-f", "mp4", pipe),
    )
    index = pack(tmp_path / "package", {VIDEO: pipe.read_bytes()}, segment_s=Fraction(4), target_duration_s=4)
    (segment,) = index.video[0].segments
    assert Fraction(segment.duration, index.video[0].timescale) == Fraction(1, 25)
    conformance.check_h11_files_are_what_they_should_be(tmp_path / "package")


@pytest.mark.parametrize(
    "flags",
    [
        TRACK_FLAGS + "+frag_every_frame",
        TRACK_FLAGS.replace("+default_base_moof", "") + "+frag_keyframe",
        TRACK_FLAGS.replace("negative_cts_offsets", "cmaf") + "+frag_keyframe",
        TRACK_FLAGS + "+frag_keyframe+dash",
        TRACK_FLAGS.replace("+skip_trailer", "") + "+frag_keyframe",
    ],
    ids=["one frame each", "offsets into the file", "offsets of cmaf", "sidx", "trailer"],
)
def test_how_ffmpeg_cuts_its_fragments_changes_no_byte_of_a_package(tmp_path: Path, flags: str) -> None:
    source = make_source(tmp_path, Clip())
    video, _ = tracks_of(source)
    usual = pack(tmp_path / "usual", {VIDEO: video}, segment_s=Fraction(1), target_duration_s=1)
    pipe = tmp_path / "other.pipe"
    run("-i", source, "-map", "0:v", "-c", "copy", "-movflags", flags, "-f", "mp4", pipe)
    other = pack(tmp_path / "other", {VIDEO: pipe.read_bytes()}, segment_s=Fraction(1), target_duration_s=1)
    assert other == usual
    stored = sorted(path.relative_to(tmp_path / "usual") for path in (tmp_path / "usual").rglob("*.m*"))
    assert len(stored) > 4
    for name in stored:
        assert (tmp_path / "other" / name).read_bytes() == (tmp_path / "usual" / name).read_bytes()


def test_rungs_of_different_timescales_agree(tmp_path: Path) -> None:
    source = make_source(tmp_path, Clip(rate="24000/1001", gop=24))
    video, audio = tracks_of(source)
    fine = tmp_path / "fine.pipe"
    run(
        *("-i", source, "-map", "0:v", "-c", "copy", "-video_track_timescale", "90000"),
        *("-movflags", TRACK_FLAGS + "+frag_keyframe", "-f", "mp4", fine),
    )
    rate = Fraction(24000, 1001)
    tracks: dict[VideoOutput | AudioOutput, bytes] = {
        VideoOutput(name="coarse", frame_rate=rate): video,
        VideoOutput(name="fine", frame_rate=rate): fine.read_bytes(),
        AUDIO: audio,
    }
    index = pack(tmp_path / "package", tracks, segment_s=Fraction(1), target_duration_s=1)
    assert [track.timescale for track in index.video] == [24000, 90000]
    conformance.check_package(tmp_path / "package")


def test_the_film_begins_with_its_timeline(tmp_path: Path) -> None:
    index = package_of(tmp_path, make_source(tmp_path, Clip()))
    assert index.video[0].start == TIMELINE_START_S * index.video[0].timescale
    assert index.audio[0].start == TIMELINE_START_S * 48000 - 1024


@pytest.fixture(scope="module")
def real_pipe(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    video, _ = tracks_of(make_source(tmp_path_factory.mktemp("pipe"), Clip(seconds=1, size="64x64")))
    return video


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_real_pipe_that_is_damaged_is_packaged_or_refused_by_name(real_pipe: bytes, data: st.DataObject) -> None:
    damaged = bytearray(real_pipe)
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, min(2000, len(damaged) - 1)))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(damaged)))
    packager = Packager((VIDEO,), segment_s=Fraction(1))
    with suppress(MediaFault):
        for at in range(0, end, 700):
            packager.feed("video", bytes(damaged[at : min(at + 700, end)]))
        packager.feed("video", b"")
        packager.index(is_whole=True, target_duration_s=10)
