"""Films of FFmpeg go through the packager; ffprobe, Shaka Packager and the checks say whether they came out well."""

import json
import re
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from streaming.media.hls import MediaPlaylist
from streaming.media.package_index import PackageIndex
from streaming.media.packager import AudioOutput, VideoOutput
from streaming.media.sample_entries import Picture
from streaming.media.segmenter import TIMELINE_START_S
from tests.streaming.media import conformance
from tests.streaming.media.clips import Clip, make_source, probe, run, tracks_of
from tests.streaming.media.packing import pack

pytestmark = pytest.mark.ffmpeg

CLIPS = {
    "23.976 fps, segments of 1 s": (Clip(rate="24000/1001", gop=24), 1),
    "25 fps, segments of 2 s": (Clip(seconds=5), 2),
    "29.97 fps, 44.1 kHz, segments of 2 s": (Clip(rate="30000/1001", gop=30, seconds=5, sound_rate=44100), 2),
    "50 fps, three B-frames, segments of 3 s": (Clip(rate="50", gop=150, b_frames=3, seconds=7), 3),
    "no B-frames, mono": (Clip(b_frames=0, channels=1), 1),
    "5.1": (Clip(channels=6), 1),
    "HEVC": (Clip(codec="libx265"), 1),
    "AV1 and Opus": (Clip(codec="libsvtav1", sound_codec="libopus"), 1),
    "60 fps, key frames twice as often": (Clip(rate="60", gop=30), 1),
    "E-AC-3": (Clip(sound_codec="eac3", channels=6), 1),
}


def make_package(folder: Path, clip: Clip, segment_s: int) -> tuple[Path, PackageIndex]:
    """Return the source and the index of a package beside it, in `package`."""
    source = make_source(folder, clip)
    more_flags = "+delay_moov" if "ac3" in clip.sound_codec else ""
    video, audio = tracks_of(source, more_flags=more_flags)
    tracks: dict[VideoOutput | AudioOutput, bytes] = {
        VideoOutput(name="video", frame_rate=Fraction(clip.rate)): video,
        AudioOutput(name="audio", label="English", language="en", is_default=True): audio,
    }
    index = pack(folder / "package", tracks, segment_s=Fraction(segment_s), target_duration_s=segment_s)
    return source, index


def packets_of(path: Path | str, selector: str) -> list[dict[str, Any]]:
    found = probe(
        path,
        "-select_streams",
        selector,
        "-show_packets",
        "-show_entries",
        "packet=pts_time,size,data_hash",
        "-show_data_hash",
        "md5",
    )
    packets: list[dict[str, Any]] = found["packets"]
    assert packets
    return packets


@pytest.mark.parametrize("name", CLIPS)
def test_a_film_comes_out_as_it_went_in(tmp_path: Path, name: str) -> None:
    clip, segment_s = CLIPS[name]
    source, index = make_package(tmp_path, clip, segment_s)
    folder = tmp_path / "package"
    conformance.check_package(folder)
    assert len(index.video[0].segments) == -(-clip.seconds // segment_s)
    assert_same_samples(source, folder)
    # FFmpeg's wheel encodes AV1 and does not decode it without a chip for it.
    if clip.codec != "libsvtav1":
        assert_all_frames_decode(folder / "master.m3u8", clip)
    assert_shaka_agrees(folder, tmp_path)


def assert_same_samples(source: Path, folder: Path) -> None:
    """Hold every packet against the source: its bytes, and its time on the timeline, exact to a microsecond."""
    for track, selector in (("video", "v:0"), ("audio", "a:0")):
        expected = packets_of(source, selector)
        tracked = conformance.Tracked(folder / track / "index.m3u8")
        found = [
            (at + sample.composition_offset, sample.size)
            for fragments in tracked.segments
            for fragment in fragments
            for at, sample in zip(conformance.decode_times(fragment), fragment.samples, strict=True)
        ]
        assert [size for _, size in found] == [int(packet["size"]) for packet in expected]
        times = [float(tracked.track.seconds(at) - TIMELINE_START_S) for at, _ in found]
        assert times == pytest.approx([float(packet["pts_time"]) for packet in expected], abs=1e-6)
        played = packets_of(folder / track / "index.m3u8", selector)
        assert [packet["data_hash"] for packet in played] == [packet["data_hash"] for packet in expected]


def assert_all_frames_decode(playlist: Path, clip: Clip) -> None:
    complaints = run("-xerror", "-allowed_extensions", "ALL", "-i", playlist, "-f", "null", "-")
    assert complaints == b""
    streams = probe(playlist, "-count_frames", "-show_entries", "stream=codec_type,nb_read_frames")["streams"]
    frames = {stream["codec_type"]: int(stream["nb_read_frames"]) for stream in streams}
    assert frames["video"] == round(clip.seconds * Fraction(clip.rate))
    assert frames["audio"] > clip.seconds * 30


def assert_shaka_agrees(folder: Path, scratch: Path) -> None:
    """Ask a third reader what the tracks are."""
    joined: dict[str, conformance.Tracked] = {}
    for tracked in conformance.media_of(folder):
        path = scratch / f"{tracked.path.parent.name}.mp4"
        path.write_bytes(b"".join((tracked.init, *tracked.files)))
        joined[str(path)] = tracked
    # Its threads would tell of their tracks all at once.
    told = run(
        *(f"in={path}" for path in joined), "--dump_stream_info", "--single_threaded", program="packager"
    ).decode()
    dumps = dict(part.split('":\n', 1) for part in told.split('File "')[1:])
    assert set(dumps) == set(joined)
    for name, tracked in joined.items():
        fields, media = dict(re.findall(r"^ (\w+): (.+)$", dumps[name], re.MULTILINE)), tracked.track.media
        assert fields["time_scale"] == str(tracked.track.timescale)
        assert fields["codec_string"].lower() == tracked.codec.lower()
        if isinstance(media, Picture):
            assert (fields["width"], fields["height"]) == (str(media.width_px), str(media.height_px))
        else:
            assert fields["num_channels"] == str(media.channels)


def test_sound_keeps_its_place_under_the_picture(tmp_path: Path) -> None:
    """A click under a flash, both one second in: they are found again where they were, to the millisecond."""
    source = tmp_path / "source.mp4"
    flash = "color=black:size=192x108:rate=25:duration=3,drawbox=color=white:t=fill:enable='between(t,0.99,1.03)'"
    click = "aevalsrc='if(between(t,1,1.002),1,0)':sample_rate=48000:duration=3"
    run(
        *("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", click, "-c:v", "libx264", "-g", "25", "-bf", "2"),
        *("-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "192k", "-y", source),
    )
    video, audio = tracks_of(source)
    tracks: dict[VideoOutput | AudioOutput, bytes] = {
        VideoOutput(name="video", frame_rate=Fraction(25)): video,
        AudioOutput(name="audio", label="English"): audio,
    }
    pack(tmp_path / "package", tracks, segment_s=Fraction(1), target_duration_s=1)
    heard = first_click_s(tmp_path / "package" / "audio" / "index.m3u8") - TIMELINE_START_S
    assert heard == pytest.approx(first_click_s(source), abs=0.0005)
    assert heard == pytest.approx(1, abs=0.005)
    tracked = conformance.Tracked(tmp_path / "package" / "video" / "index.m3u8")
    (fragment,) = tracked.segments[1]
    assert tracked.track.seconds(fragment.decode_time) - TIMELINE_START_S == 1
    assert max(fragment.samples, key=lambda sample: sample.size) == fragment.samples[0]


def first_click_s(path: Path) -> float:
    """Return when sound is loud for the first time, as decoded: at the first time stamp and as many samples behind."""
    first = probe(path, "-select_streams", "a:0", "-show_frames", "-show_entries", "frame=pts_time")["frames"][0]
    extra = ["-allowed_extensions", "ALL"] if path.suffix == ".m3u8" else []
    raw = run(*extra, "-i", path, "-map", "0:a:0", "-ac", "1", "-f", "f32le", "-")
    samples = memoryview(raw).cast("f")
    at = next(index for index, value in enumerate(samples) if abs(value) > 0.25)
    return float(first["pts_time"]) + at / 48000


def test_two_rungs_of_one_encoder_are_cut_at_the_same_frames(tmp_path: Path) -> None:
    pipes = [tmp_path / "high", tmp_path / "low", tmp_path / "sound"]
    flags = "+frag_keyframe+empty_moov+default_base_moof+frag_discont+skip_trailer+negative_cts_offsets"
    forced = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-bf",
        "2",
        "-sc_threshold",
        "0",
        "-g",
        "600",
        "-force_key_frames",
        "expr:gte(t,n_forced*2)",
        "-pix_fmt",
        "yuv420p",
        "-movflags",
        flags,
        "-f",
        "mp4",
    ]
    run(
        *("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30000/1001:duration=7"),
        *("-f", "lavfi", "-i", "sine=sample_rate=44100:duration=7"),
        *("-filter_complex", "[0:v]split=2[a][b];[b]scale=160:90[c]"),
        *("-map", "[a]", *forced, "-y", str(pipes[0]), "-map", "[c]", *forced, "-y", str(pipes[1])),
        *(
            "-map",
            "1:a",
            "-c:a",
            "aac",
            "-movflags",
            flags,
            "-frag_duration",
            "500000",
            "-f",
            "mp4",
            "-y",
            str(pipes[2]),
        ),
    )
    tracks: dict[VideoOutput | AudioOutput, bytes] = {
        VideoOutput(name="high", frame_rate=Fraction(30000, 1001)): pipes[0].read_bytes(),
        VideoOutput(name="low", frame_rate=Fraction(30000, 1001)): pipes[1].read_bytes(),
        AudioOutput(name="sound", label="English"): pipes[2].read_bytes(),
    }
    index = pack(tmp_path / "package", tracks, segment_s=Fraction(2), target_duration_s=2)
    conformance.check_package(tmp_path / "package")
    assert [segment.duration for segment in index.video[0].segments] == [
        segment.duration for segment in index.video[1].segments
    ]
    assert [len(track.segments) for track in index.media()] == [4, 4, 4]


def test_key_frames_alone_can_be_decoded_from_their_ranges(tmp_path: Path) -> None:
    _, index = make_package(tmp_path, Clip(), 1)
    folder = tmp_path / "package" / "video"
    playlist = MediaPlaylist.parse((folder / "iframes.m3u8").read_text())
    for segment in playlist.segments:
        assert segment.byte_range
        start, end = segment.byte_range.offset, segment.byte_range.offset + segment.byte_range.length
        content = (folder / "init.mp4").read_bytes() + (folder / segment.uri).read_bytes()[start:end]
        path = tmp_path / "key.mp4"
        path.write_bytes(content)
        picture = run("-i", path, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-")
        assert len(picture) == 192 * 108
    assert len(playlist.segments) == len(index.video[0].segments)


# --- the checks themselves --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    make_package(folder, Clip(), 1)
    return folder / "package"


def edit(name: str, old: str, new: str) -> Any:
    """Return a damage: every `old` in a file becomes `new`."""

    def damage(folder: Path) -> None:
        path = folder / name
        content = path.read_bytes()
        assert old.encode("latin-1") in content, f"{old} is not in {name}"
        path.write_bytes(content.replace(old.encode("latin-1"), new.encode("latin-1")))

    return damage


@pytest.mark.parametrize(
    ("check", "damage"),
    [
        (conformance.check_h01_playlists_are_text, edit("master.m3u8", "\n", "\r\n")),
        (conformance.check_h02_variants_say_everything, edit("master.m3u8", "FRAME-RATE=25.000,", "")),
        (conformance.check_h03_codecs_are_those_of_the_headers, edit("master.m3u8", "mp4a.40.2", "mp4a.40.5")),
        (
            conformance.check_h04_bandwidth_and_frame_rate_are_true,
            edit("master.m3u8", "FRAME-RATE=25", "FRAME-RATE=30"),
        ),
        (
            conformance.check_h04_bandwidth_and_frame_rate_are_true,
            edit("master.m3u8", "INF:BANDWIDTH=", "INF:BANDWIDTH=9"),
        ),
        (conformance.check_h05_segments_are_independent, edit("master.m3u8", "#EXT-X-INDEPENDENT-SEGMENTS\n", "")),
        (conformance.check_h07_no_segment_exceeds_the_target, edit("video/index.m3u8", "INF:1.0", "INF:1.6")),
        (
            conformance.check_h04_bandwidth_and_frame_rate_are_true,
            edit("master.m3u8", ",AVERAGE-BANDWIDTH=", ",AVERAGE-BANDWIDTH=1"),
        ),
        (
            conformance.check_h10_h12_h15_nothing_is_live,
            edit("video/index.m3u8", "#EXTINF:1.000000,\n2", "#EXT-X-DISCONTINUITY\n#EXTINF:1.000000,\n2"),
        ),
        (conformance.check_h10_h12_h15_nothing_is_live, edit("video/index.m3u8", "#EXT-X-ENDLIST\n", "")),
        (conformance.check_h10_h12_h15_nothing_is_live, edit("audio/index.m3u8", "\n2.m4s", "\n1.m4s")),
        (conformance.check_h11_files_are_what_they_should_be, edit("video/2.m4s", "styp", "free")),
        (
            conformance.check_h13_times_go_on_without_a_hole,
            edit("video/index.m3u8", "1.m4s\n", "1.m4s\n#EXTINF:1.0,\n1.m4s\n"),
        ),
        (conformance.check_h13_times_go_on_without_a_hole, edit("video/index.m3u8", "1.000000,\n2", "1.000003,\n2")),
        (
            conformance.check_h14_picture_and_sound_begin_together,
            edit("audio/index.m3u8", "#EXTINF:1.024000,\n1.m4s\n", ""),
        ),
        (conformance.check_d01_the_manifest_is_one, edit("manifest.mpd", "static", "dynamic")),
        (conformance.check_d06_the_timeline_is_that_of_the_files, edit("manifest.mpd", 'd="12800"', 'd="12801"')),
        (conformance.check_d07_picture_and_sound_are_apart, edit("manifest.mpd", 'startWithSAP="1"', "")),
        (
            conformance.check_d13_hls_and_dash_name_the_same_files,
            edit("manifest.mpd", 'startNumber="1"', 'startNumber="2"'),
        ),
        (
            conformance.check_d13_hls_and_dash_name_the_same_files,
            edit("manifest.mpd", "$RepresentationID$/init", "audio/init"),
        ),
        (conformance.check_d14_brands_and_bases, edit("audio/init.mp4", "cmf2", "cmfx")),
    ],
)
def test_a_check_finds_what_it_is_for(sound_package: Path, tmp_path: Path, check: Any, damage: Any) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(sound_package, folder)
    check(folder)
    damage(folder)
    with pytest.raises(AssertionError):
        check(folder)


@pytest.mark.parametrize("check", conformance.ALL)
def test_a_check_that_finds_nothing_to_check_fails(tmp_path: Path, check: Any) -> None:
    with pytest.raises((AssertionError, FileNotFoundError)):
        check(tmp_path)


def test_what_grows_is_compared_with_itself() -> None:
    early = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXTINF:4,\n1.m4s\n"
    conformance.check_h08_h09_what_grows_keeps_its_numbers(early, early + "#EXTINF:4,\n2.m4s\n")
    with pytest.raises(AssertionError):
        conformance.check_h08_h09_what_grows_keeps_its_numbers(early, early.replace("1.m4s", "2.m4s"))
    with pytest.raises(AssertionError):
        conformance.check_h08_h09_what_grows_keeps_its_numbers(early, early.replace(":4\n", ":5\n"))


def test_the_index_of_a_real_package_is_json(sound_package: Path) -> None:
    document = json.loads((sound_package / "index.json").read_text())
    assert [track["name"] for track in document["video"] + document["audio"]] == ["video", "audio"]
