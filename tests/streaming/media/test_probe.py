from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from streaming.media.probe import (
    MOST_CHAPTERS,
    MOST_TRACKS,
    build_keyframes_command,
    build_probe_command,
    parse_keyframes,
    parse_language,
    parse_probe,
)
from streaming.media.streams import Caution, Hdr, Reason, UnsupportedSource
from tests.streaming.media.sources import FFPROBE, FULL, H264, PICTURE, SOUND, document_of, make_film, probe_film

SRT = "1\n00:00:00,100 --> 00:00:00,900\nHello\n"
HDR = "-c:v ffv1 -pix_fmt yuv420p10le -vf setparams=color_primaries=bt2020:colorspace=bt2020nc:color_trc="
# What is made, under which name, and what is told of its picture.
PICTURES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "h264": (FULL, "a.mp4", {"codec": "h264", "width_px": 128, "height_px": 72, "bit_depth": 8, "hdr": Hdr.SDR}),
    "hevc": (f"{PICTURE} -c:v libx265 -preset ultrafast -x265-params log-level=error", "a.mp4", {"codec": "hevc"}),
    "av1": (f"{PICTURE} -c:v libsvtav1 -preset 13 -pix_fmt yuv420p10le", "a.mp4", {"codec": "av1", "bit_depth": 10}),
    "vp9": (f"{PICTURE} -c:v libvpx-vp9 -deadline realtime -cpu-used 8", "a.webm", {"codec": "vp9"}),
    "mpeg2": (f"{PICTURE} -c:v mpeg2video", "a.ts", {"codec": "mpeg2video", "frame_rate": Fraction(25)}),
    "mpeg4": (f"{PICTURE} -c:v mpeg4", "a.avi", {"codec": "mpeg4"}),
    "prores": (f"{PICTURE} -c:v prores_ks", "a.mov", {"codec": "prores", "bit_depth": 10}),
    "ffv1": (f"{PICTURE} -c:v ffv1", "a.mkv", {"codec": "ffv1", "bit_depth": 8}),
    "mjpeg": (f"{PICTURE} -c:v mjpeg -pix_fmt yuvj420p", "a.mov", {"codec": "mjpeg", "color_range": "pc"}),
    "h264 of 10 bits": (
        f"{PICTURE} -c:v libx264 -preset ultrafast -pix_fmt yuv420p10le",
        "a.mp4",
        {"bit_depth": 10, "pixel_format": "yuv420p10le"},
    ),
    "hdr10": (f"{PICTURE} {HDR}smpte2084", "a.mkv", {"hdr": Hdr.HDR10, "bit_depth": 10}),
    "hlg": (f"{PICTURE} {HDR}arib-std-b67", "a.mkv", {"hdr": Hdr.HLG, "primaries": "bt2020"}),
    "anamorphic": (f"{PICTURE} -vf setsar=16/11 {H264}", "a.mp4", {"sample_aspect": Fraction(16, 11)}),
    "interlaced": (
        f"{PICTURE} -vf tinterlace=4,setfield=tff -c:v mpeg2video -flags +ildct+ilme",
        "a.mpg",
        {"is_interlaced": True},
    ),
    "ntsc film": (
        f"-f lavfi -i testsrc2=s=128x72:r=24000/1001:d=1 {H264}",
        "a.mp4",
        {"frame_rate": Fraction(24000, 1001), "is_variable_rate": False},
    ),
    "60 frames a second in matroska": (
        f"-f lavfi -i testsrc2=s=128x72:r=60000/1001:d=1 {H264}",
        "a.mkv",
        {"frame_rate": Fraction(60000, 1001), "is_variable_rate": False},
    ),
    "variable rate": (
        f"-f lavfi -i testsrc2=s=128x72:r=30:d=2 -vf select=lt(n\\,30)+not(mod(n\\,3)) -fps_mode vfr {H264}",
        "a.mp4",
        {"is_variable_rate": True},
    ),
    "odd size": (
        "-f lavfi -i testsrc=s=127x71:r=25:d=1 -c:v ffv1 -pix_fmt yuv444p",
        "a.mkv",
        {"width_px": 127, "height_px": 71, "pixel_format": "yuv444p"},
    ),
    "one frame": (f"{PICTURE} -frames:v 1 {H264}", "a.mp4", {"frame_rate": Fraction(25), "is_variable_rate": False}),
    "picture alone": (f"{PICTURE} {H264}", "a.mp4", {"rotation_deg": 0, "start_s": 0}),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_is_told_as_it_was_made(kind: str, tmp_path: Path) -> None:
    command, name, expected = PICTURES[kind]
    video = probe_film(make_film(tmp_path, command, name=name)).video
    assert video is not None
    assert {field: getattr(video, field) for field in expected} == expected


def test_a_turned_film_tells_which_way_it_is_seen(tmp_path: Path) -> None:
    make_film(tmp_path, f"{PICTURE} {H264}", name="flat.mp4")
    turned = make_film(tmp_path, "-display_rotation 90 -i flat.mp4 -c copy")
    video = probe_film(turned).video
    assert video is not None
    assert (video.rotation_deg, video.display_size) == (270, (Fraction(72), Fraction(128)))


def test_sound_tells_its_channels_language_and_purpose(tmp_path: Path) -> None:
    tracks = "-map 0 -map 1 -map 1 -map 1 -c:a aac -ac:a:0 2 -ac:a:1 6 -ac:a:2 1"
    tags = "-metadata:s:a:0 language=ger -metadata:s:a:1 language=eng -metadata:s:a:2 language=fra"
    flags = "-disposition:a:1 default -disposition:a:0 0 -disposition:a:2 comment"
    found = probe_film(make_film(tmp_path, f"{PICTURE} {SOUND} {tracks} {tags} {flags} {H264}", name="a.mkv"))
    assert [(a.language, a.channels, a.is_default, a.is_commentary) for a in found.audio] == [
        ("de", 2, False, False),
        ("en", 6, True, False),
        ("fr", 1, False, True),
    ]
    assert found.audio[1].layout == "5.1"
    assert {(a.codec, a.profile, a.rate_hz) for a in found.audio} == {("aac", "LC", 48000)}


def test_sound_without_a_picture_is_a_source(tmp_path: Path) -> None:
    found = probe_film(make_film(tmp_path, f"{SOUND} -c:a flac", name="a.flac"))
    assert (found.video, found.audio[0].codec, found.duration_s == 1) == (None, "flac", True)


def test_a_cover_is_no_film(tmp_path: Path) -> None:
    make_film(tmp_path, f"{PICTURE} -frames:v 1 -update 1 -c:v mjpeg -pix_fmt yuvj420p", name="cover.jpg")
    maps = "-i cover.jpg -map 0 -map 1 -c:v mjpeg -pix_fmt yuvj420p -disposition:v:0 attached_pic -c:a aac"
    found = probe_film(make_film(tmp_path, f"{SOUND} {maps}", name="a.m4a"))
    assert (found.video, len(found.covers), len(found.audio)) == (None, 1, 1)


def test_subtitles_and_chapters_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text(SRT)
    chapters = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=One\n"
    (tmp_path / "m.txt").write_text(chapters + chapters.split("\n", 1)[1].replace("=0\n", "=500\n", 1))
    flags = "-disposition:s:0 forced+hearing_impaired -metadata:s:s:0 language=swe -metadata:s:s:0 title=Signs"
    maps = f"-i a.srt -i m.txt -map 0 -map 1 -map_metadata 2 -c:s ass {flags} {H264}"
    found = probe_film(make_film(tmp_path, f"{PICTURE} {maps}", name="a.mkv"))
    (text,) = found.subtitles
    assert (text.codec, text.is_text, text.language, text.title) == ("ass", True, "sv", "Signs")
    assert (text.is_forced, text.is_for_deaf) == (True, True)
    assert [(c.start_s, c.end_s, c.title) for c in found.chapters][:1] == [(Fraction(0), Fraction(1, 2), "One")]


def test_of_many_tracks_the_first_are_taken_and_the_picture_always(tmp_path: Path) -> None:
    maps = " ".join(["-map 1"] * (MOST_TRACKS + 3)) + " -map 0"
    found = probe_film(make_film(tmp_path, f"{PICTURE} {SOUND} {maps} {H264} -c:a aac", name="a.mkv"))
    assert found.video is not None
    assert len(found.audio) == MOST_TRACKS - 1
    assert found.warnings == (Caution.TRACKS_LEFT_OUT,)


def _bytes_of(kind: str, film: Path) -> bytes:
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{film}\n#EXT-X-ENDLIST\n"
    return {
        "empty": b"",
        "text": b"Not a film at all.\n" * 50,
        "random": bytes(range(256)) * 64,
        "truncated": film.read_bytes()[: film.stat().st_size // 2],
        "playlist": playlist.encode(),
        "concat script": f"ffconcat version 1.0\nfile '{film}'\n".encode(),
        "session description": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n",
        "manifest": f"<MPD><Period><BaseURL>{film}</BaseURL></Period></MPD>".encode(),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    ["empty", "text", "random", "truncated", "playlist", "concat script", "session description", "manifest"],
)
@pytest.mark.parametrize("suffix", ["mp4", "m3u8", "ffconcat"])
def test_what_is_no_film_is_refused_and_opens_nothing_else(kind: str, suffix: str, tmp_path: Path) -> None:
    content = _bytes_of(kind, make_film(tmp_path, name="film.mp4"))
    path = tmp_path / f"upload.{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnsupportedSource) as raised:
        parse_probe(document_of(path))
    assert raised.value.reason in (Reason.UNREADABLE, Reason.NO_STREAMS)


def make_stream(**overrides: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "index": 0,
        "codec_type": "video",
        "codec_name": "h264",
        "width": 1920,
        "height": 1080,
        "r_frame_rate": "25/1",
        "avg_frame_rate": "25/1",
        "pix_fmt": "yuv420p",
        "duration": "60.000000",
    }
    return values | overrides


def make_document(*streams: dict[str, Any], **head: Any) -> dict[str, Any]:
    return {"format": {"format_name": "mov", "duration": "60.0"} | head, "streams": list(streams) or [make_stream()]}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, Reason.UNREADABLE),
        ({"format": {}, "streams": []}, Reason.NO_STREAMS),
        (make_document(make_stream(codec_type="data")), Reason.NO_STREAMS),
        (make_document(make_stream(codec_tag_string="encv")), Reason.ENCRYPTED),
        (
            make_document(make_stream(side_data_list=[{"side_data_type": "Encryption initialization data"}])),
            Reason.ENCRYPTED,
        ),
        (make_document(make_stream(codec_name="unknown")), Reason.UNKNOWN_CODEC),
        (make_document(make_stream(duration="N/A"), duration="N/A"), Reason.NO_DURATION),
        (make_document(make_stream(duration="0.0"), duration="0.0"), Reason.NO_DURATION),
        (make_document(make_stream(duration="108000"), duration="108000"), Reason.TOO_LONG),
        (make_document(make_stream(width=15360, height=8640)), Reason.TOO_LARGE),
        (make_document(make_stream(width=8192, height=8192)), Reason.TOO_LARGE),
        (make_document(make_stream(width=0)), Reason.CONTRADICTORY),
        (make_document(make_stream(r_frame_rate="0/0", avg_frame_rate="0/0")), Reason.CONTRADICTORY),
        (make_document(make_stream(codec_type="audio", codec_name="aac")), Reason.CONTRADICTORY),
    ],
)
def test_what_cannot_be_packaged_is_refused_with_a_reason(document: dict[str, Any], reason: Reason) -> None:
    with pytest.raises(UnsupportedSource) as raised:
        parse_probe(document)
    assert raised.value.reason is reason


def test_the_largest_film_is_taken() -> None:
    found = parse_probe(make_document(make_stream(width=8192, height=4320, duration="86400"), duration="86400"))
    assert found.duration_s == 86400


def test_a_header_that_lies_about_the_length_is_not_believed() -> None:
    found = parse_probe(make_document(make_stream(duration="60"), duration="3600"))
    assert (found.duration_s, found.warnings) == (Fraction(60), (Caution.LENGTHS_DIFFER,))


def test_dolby_vision_without_a_base_layer_is_told_apart() -> None:
    def hdr(compatibility: int) -> Hdr | None:
        record = {"side_data_type": "DOVI configuration record", "dv_bl_signal_compatibility_id": compatibility}
        video = parse_probe(make_document(make_stream(side_data_list=[record], color_transfer="smpte2084"))).video
        return video.hdr if video else None

    assert [hdr(0), hdr(1)] == [Hdr.DOLBY_VISION, Hdr.HDR10]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("ger", "de"), ("deu", "de"), ("en-us", "en-US"), ("", "und"), ("und", "und"), ("klingon!", "und"), ("q", "und")],
)
def test_languages_are_told_in_one_form(tag: str, expected: str) -> None:
    assert parse_language(tag) == expected


def test_titles_lose_control_characters_and_have_an_end() -> None:
    audio = make_stream(codec_type="audio", sample_rate="48000", channels=2, tags={"TITLE": "a\x1b[2Jb" + "c" * 900})
    title = parse_probe(make_document(audio)).audio[0].title
    assert title.startswith("a[2Jbc")
    assert len(title) == 200


def test_chapters_are_limited_ordered_and_sound() -> None:
    entries = [{"start_time": f"{n}.0", "end_time": f"{n + 1}.0"} for n in range(MOST_CHAPTERS + 50)]
    odd = [{"start_time": "-1.0", "end_time": "0.5"}, {"start_time": "5.0", "end_time": "4.0"}, {}]
    found = parse_probe(make_document() | {"chapters": [*odd, *reversed(entries[: MOST_CHAPTERS - 3]), *entries]})
    assert [c.start_s for c in found.chapters] == list(range(MOST_CHAPTERS - 3))


def packets(*times: tuple[float, bool]) -> dict[str, Any]:
    return {"packets": [{"pts_time": str(at), "flags": "K__" if is_key else "___"} for at, is_key in times]}


def test_the_longest_way_between_key_frames_is_found() -> None:
    found = parse_keyframes(packets((0, True), (1, False), (2, True), (5, False), (6.5, True)))
    assert found is not None
    assert (found.longest_gap_s, found.are_closed) == (Fraction(9, 2), True)


def test_a_frame_that_is_shown_before_the_key_frame_it_follows_opens_the_group() -> None:
    found = parse_keyframes(packets((0, True), (2, True), (1.9, False)))
    assert found is not None
    assert not found.are_closed


def test_windows_are_not_measured_across() -> None:
    found = parse_keyframes(packets((0, True), (2, True), (100, False), (101, True), (103, True)))
    assert found is not None
    assert found.longest_gap_s == 2
    assert parse_keyframes(packets((0, True))) is not None
    assert parse_keyframes({"packets": [{"flags": "K__"}]}) is None


@pytest.mark.parametrize(("options", "closed"), [("", True), ("-x264-params open-gop=1", False)])
def test_open_groups_are_seen_in_a_real_film(options: str, closed: bool, tmp_path: Path) -> None:
    picture = "-f lavfi -i testsrc2=s=128x72:r=25:d=3 -c:v libx264 -preset fast -g 25 -sc_threshold 0 -bf 2"
    video = probe_film(make_film(tmp_path, f"{picture} {options}")).video
    assert video is not None
    assert video.key_frames is not None
    assert video.key_frames.longest_gap_s is not None
    assert (video.key_frames.are_closed, round(video.key_frames.longest_gap_s)) == (closed, 1)


def test_commands_read_a_bounded_part_of_one_file_only() -> None:
    probe = build_probe_command(ffprobe=FFPROBE, source="-i.mp4")
    keys = build_keyframes_command(ffprobe=FFPROBE, source="a,b.mp4", video_index=1, duration_s=Fraction(7200))
    for argv in (probe, keys):
        assert argv[argv.index("-protocol_whitelist") + 1] == "file,pipe"
        assert "hls" not in argv[argv.index("-format_whitelist") + 1].split(",")
        assert {"-probesize", "-analyzeduration"} < set(argv)
    assert probe[-1] == "file:-i.mp4"
    assert keys[keys.index("-read_intervals") + 1] == "%+60,1800%+20,3600%+20,5400%+20"
