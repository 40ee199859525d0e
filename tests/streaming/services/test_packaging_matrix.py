"""Films of every kind become packages; ffprobe, Shaka Packager and the checks say whether they came out well."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from streaming.media.hls import MultivariantPlaylist
from streaming.models import Package, PackagingJob
from tests.streaming.media import conformance
from tests.streaming.media.clips import probe
from tests.streaming.media.sources import H264, make_film
from tests.streaming.media.test_conformance import assert_shaka_agrees
from tests.streaming.services.packaging_way import folder_of, make_small_ladder, package, upload

# The lease is kept from a thread of its own, which sees only what is committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ffmpeg]

STEREO = ((2, None),)
AAC = "-c:a aac -ac 2"
# With two key frames in a second; of a single one nobody can tell how far apart they are.
COPIED = f"{H264} -g 12"


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """How a source is made, and what must come of it.

    Attributes:
        before: other files that FFmpeg needs for it, by name: their text, or the arguments that make them.
        size: of the best rung; None where there is no picture.
        sound: channels and language of each track.
        texts: languages of the texts.
        is_copied: the source's own picture is the best rung.
    """

    made_by: str
    name: str = "film.mkv"
    before: tuple[tuple[str, str], ...] = ()
    seconds: float = 1
    size: tuple[int, int] | None = (128, 72)
    rate: str = "25.000"
    sound: tuple[tuple[int, str | None], ...] = STEREO
    texts: tuple[str | None, ...] = ()
    is_copied: bool = False
    segments: int = 1


def picture(*, size: str = "128x72", rate: str = "25", seconds: float = 1, then: str = "") -> str:
    """Return FFmpeg's arguments for a moving picture; `then` are filters behind it."""
    return f"-f lavfi -i testsrc2=s={size}:r={rate}:d={seconds}{then}"


def tone(seconds: float = 1, rate_hz: int = 48_000) -> str:
    return f"-f lavfi -i sine=d={seconds}:sample_rate={rate_hz}"


# Filters that make a picture one of high dynamic range.
HLG = ",format=yuv420p10le,setparams=color_primaries=bt2020:colorspace=bt2020nc:color_trc=arib-std-b67"
PQ = HLG.replace("arib-std-b67", "smpte2084")
HELLO = "1\n00:00:00,250 --> 00:00:00,750\nHello\n"
LATER = "1\n00:01:00,250 --> 00:01:00,750\nToo late\n"

CODECS = {
    "H.264 and AAC": Film(made_by=f"{picture()} {tone()} {COPIED} {AAC}", name="film.mp4", is_copied=True),
    "H.264 of three segments, key frames every two seconds": Film(
        made_by=f"{picture(seconds=9)} {tone(9)} {H264} -g 50 {AAC}",
        name="film.mp4",
        seconds=9,
        segments=3,
        is_copied=True,
    ),
    "H.264 in MPEG-TS, AAC of 44.1 kHz": Film(
        # FFmpeg counts the times of such a file from the first of the tracks that a run reads.
        made_by=f"{picture()} {tone(rate_hz=44_100)} {COPIED} {AAC} -ar 44100",
        name="film.ts",
        is_copied=True,
    ),
    "HEVC and AC-3 in MPEG-TS": Film(
        made_by=f"{picture()} {tone()} -c:v libx265 -preset ultrafast -x265-params log-level=error -c:a ac3 -ac 2",
        name="film.ts",
    ),
    "MPEG-2 and MP2, interlaced, 4:3": Film(
        made_by=f"{picture(size='96x72', rate='50', seconds=2, then=',tinterlace=4,setfield=tff')} {tone(2)} "
        "-c:v mpeg2video -flags +ildct+ilme -c:a mp2 -ac 2",
        name="film.mpg",
        seconds=2,
        size=(96, 72),
    ),
    "MPEG-4 and MP3 in AVI, 29.97": Film(
        made_by=f"{picture(rate='30000/1001')} {tone()} -c:v mpeg4 -c:a libmp3lame -ac 2",
        name="film.avi",
        rate="29.970",
    ),
    "VP9 and Opus in WebM": Film(
        made_by=f"{picture()} {tone()} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus -ac 2",
        name="film.webm",
    ),
    "ProRes and PCM": Film(made_by=f"{picture()} {tone()} -c:v prores_ks -c:a pcm_s16le -ac 2", name="film.mov"),
    "MJPEG and PCM": Film(
        made_by=f"{picture()} {tone()} -c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le -ac 2", name="film.avi"
    ),
}
RATES = {
    "23.976, FLAC, three segments": Film(
        made_by=f"{picture(rate='24000/1001', seconds=9)} {tone(9)} -c:v mpeg4 -c:a flac -ac 2",
        seconds=9,
        rate="23.976",
        segments=3,
    ),
    "29.97, three segments": Film(
        made_by=f"{picture(rate='30000/1001', seconds=9)} {tone(9)} -c:v mpeg4 {AAC}",
        seconds=9,
        rate="29.970",
        segments=3,
    ),
    "24 and 5.1": Film(
        made_by=f"{picture(rate='24')} {tone()} {COPIED} -c:a aac -ac 6",
        rate="24.000",
        is_copied=True,
        sound=((2, None), (6, None)),
    ),
    "50 and mono": Film(
        made_by=f"{picture(rate='50')} {tone()} {COPIED} -c:a aac -ac 1",
        name="film.mp4",
        rate="50.000",
        is_copied=True,
        sound=((1, None),),
    ),
    "59.94 and 7.1": Film(
        made_by=f"{picture(rate='60000/1001')} {tone()} {COPIED} -c:a pcm_s16le -ac 8",
        name="film.mov",
        rate="59.940",
        is_copied=True,
        sound=((2, None), (6, None)),
    ),
    "a varying rate": Film(
        made_by=f"{picture(rate='30', seconds=2)} {tone(2)} -vf select=lt(n\\,30)+not(mod(n\\,3)) -fps_mode vfr "
        f"{H264} {AAC}",
        name="film.mp4",
        seconds=2,
        rate="21.000",
    ),
}
SHAPES = {
    "2.39:1": Film(made_by=f"{picture(size='172x72')} {tone()} {H264} {AAC}", name="film.mp4", size=(128, 54)),
    "upright": Film(
        made_by=f"{picture(size='72x128')} {tone()} {COPIED} {AAC}", name="film.mp4", size=(72, 128), is_copied=True
    ),
    "on its side": Film(
        before=(("flat.mp4", f"{picture()} {H264}"),),
        made_by="-display_rotation 90 -i flat.mp4 -c copy",
        name="film.mp4",
        size=(72, 128),
        sound=(),
    ),
    "anamorphic": Film(
        made_by=f"{picture(size='96x72', then=',setsar=4/3')} {tone()} {H264} {AAC}", name="film.mp4", size=(128, 72)
    ),
    "odd sizes, 4:4:4": Film(made_by=f"{picture(size='127x71')} -c:v ffv1 -pix_fmt yuv444p", size=(126, 70), sound=()),
    "10 bits": Film(made_by=f"{picture()} {H264} -pix_fmt yuv420p10le", name="film.mp4", sound=()),
    "HLG": Film(made_by=f"{picture(then=HLG)} -c:v ffv1", sound=()),
    "HDR10": Film(made_by=f"{picture(then=PQ)} -c:v ffv1", sound=()),
}
TRACKS = {
    "subtitles, of which one is empty": Film(
        before=(("a.srt", HELLO), ("b.srt", LATER)),
        made_by=f"{picture()} {tone()} -i a.srt -i b.srt -map 0 -map 1 -map 2 -map 3 {COPIED} {AAC} -c:s subrip "
        "-metadata:s:s:0 language=ger -metadata:s:s:1 language=fre -t 1",
        is_copied=True,
        texts=("de",),
    ),
    "subtitles in MP4": Film(
        before=(("a.srt", HELLO),),
        made_by=f"{picture()} {tone()} -i a.srt -map 0 -map 1 -map 2 -c:v mpeg4 {AAC} -c:s mov_text",
        name="film.mp4",
        texts=(None,),
    ),
    "two languages and a commentary": Film(
        made_by=f"{picture()} {tone()} -map 0 -map 1 -map 1 -map 1 {COPIED} {AAC} -metadata:s:a:0 language=eng "
        "-metadata:s:a:1 language=tha -metadata:s:a:2 language=eng -disposition:a:2 comment",
        is_copied=True,
        sound=((2, "en"), (2, "th"), (2, "en")),
    ),
    "languages that are none, a title with quotation marks": Film(
        made_by=f"{picture()} {tone()} -map 0 -map 1 -map 1 {COPIED} {AAC} -metadata:s:a:0 language=qaa "
        '-metadata:s:a:1 language=x-y -metadata:s:a:0 title="Original"',
        is_copied=True,
        sound=((2, "qaa"), (2, None)),
    ),
    "sound alone": Film(made_by=f"{tone(9)} -c:a flac -ac 2", name="film.flac", seconds=9, size=None, segments=3),
    "sound with a cover": Film(
        before=(("cover.jpg", "-f lavfi -i color=red:s=64x64:d=1 -frames:v 1 -update 1"),),
        made_by=f"{tone()} -i cover.jpg -map 0 -map 1 {AAC} -c:v mjpeg -disposition:v attached_pic",
        name="film.m4a",
        size=None,
    ),
}
CLOCKS = {
    "sound that begins late": Film(
        made_by=f"{picture(seconds=2)} -itsoffset 0.5 {tone()} {COPIED} {AAC}",
        name="film.mp4",
        seconds=2,
        is_copied=True,
    ),
    "a picture that begins late": Film(
        made_by=f"-itsoffset 0.5 {picture()} {tone(2)} {COPIED} {AAC}", name="film.mp4", seconds=2, is_copied=True
    ),
    "a picture that begins late, and is encoded": Film(
        made_by=f"-itsoffset 0.5 {picture()} {tone(2)} -c:v mpeg4 {AAC}", name="film.mp4", seconds=2
    ),
    "sound whose clock is slow": Film(
        # Its times are those of a film two parts in a hundred longer than it has sound for.
        before=(("even.mkv", f"{picture(seconds=9)} {tone(8)} {COPIED} -c:a mp2 -ac 2"),),
        made_by="-i even.mkv -map 0 -c copy -bsf:a setts=ts=TS*1.02",
        name="film.mkv",
        seconds=9,
        is_copied=True,
        segments=3,
    ),
    "sound that ends early": Film(
        made_by=f"{picture(seconds=9)} {tone(3)} {COPIED} {AAC}", name="film.mp4", seconds=9, is_copied=True, segments=3
    ),
    "one frame": Film(made_by=f"{picture()} -frames:v 1 {H264}", name="film.mp4", seconds=0.04, sound=()),
}
FAMILIES = {"codecs": CODECS, "rates": RATES, "shapes": SHAPES, "tracks": TRACKS, "clocks": CLOCKS}


def make(folder: Path, film: Film) -> Path:
    for name, content in film.before:
        if name.endswith(".srt"):
            (folder / name).write_text(content, encoding="utf-8")
        else:
            make_film(folder, content, name=name)
    return make_film(folder, film.made_by, name=film.name)


# Films of a family have a database in common: to empty it takes as long as to package one.
@pytest.mark.parametrize("family", FAMILIES)
def test_films_of_every_kind_become_packages_that_play(tmp_path: Path, subtests: pytest.Subtests, family: str) -> None:
    make_small_ladder()
    for number, (kind, film) in enumerate(FAMILIES[family].items()):
        with subtests.test(kind):
            folder = tmp_path / str(number)
            folder.mkdir()
            assert_becomes_a_package_that_plays(folder, film)


def assert_becomes_a_package_that_plays(scratch: Path, film: Film) -> None:
    job = package(upload(make(scratch, film)))

    assert (job.state, job.failure_code, job.failure_facts, job.log) == (PackagingJob.State.SUCCEEDED, "", {}, "")
    assert job.plan
    assert "encoded-copy-fault" not in [note["code"] for note in job.plan["notes"]]
    made = Package.objects.get(source=job.source, state=Package.State.READY)
    folder = folder_of(made)
    conformance.check_package(folder)
    assert_what_was_expected(film, made, folder)
    assert_shaka_agrees(folder, scratch)
    assert_ffmpeg_plays(folder, film)


def assert_what_was_expected(film: Film, made: Package, folder: Path) -> None:
    index = made.index
    assert made.duration_s == pytest.approx(film.seconds, abs=0.1)
    assert [(track["channels"], track["language"]) for track in index["audio"]] == list(film.sound)
    assert [text["language"] for text in index["texts"]] == list(film.texts)
    assert bool([track for track in index["video"] if track["ceiling_bps"] is None]) == film.is_copied
    leading = (index["video"] or index["audio"])[0]
    assert len(leading["segments"]) == film.segments
    if film.texts:
        conformance.check_texts_stand_on_the_timeline(folder)
    if film.size:
        best = max(conformance.plain_variants(folder), key=lambda variant: variant.resolution or (0, 0))
        assert (best.resolution, best.frame_rate) == (film.size, film.rate)
        conformance.check_storyboard_leads_to_pictures(folder)
        assert 1 <= len(index["posters"]) <= 6
        assert all((folder / name).read_bytes().startswith(b"\xff\xd8\xff") for name in index["posters"])


def assert_ffmpeg_plays(folder: Path, film: Film) -> None:
    """Decode every track to its end without a complaint, and hear from ffprobe what the playlists say."""
    master = folder / "master.m3u8"
    shown = "stream=codec_type,width,height,channels,nb_read_frames"
    streams: list[dict[str, Any]] = probe(master, "-count_frames", "-show_entries", shown)["streams"]
    assert all(int(stream["nb_read_frames"]) for stream in streams if stream["codec_type"] != "subtitle")
    said = MultivariantPlaylist.parse(master.read_text(encoding="utf-8"))
    sizes = {(stream["width"], stream["height"]) for stream in streams if stream["codec_type"] == "video"}
    assert sizes == {variant.resolution for variant in said.variants if variant.resolution}
    # Without a picture, FFmpeg takes the sound for a variant and for its rendition as well.
    heard = {stream["channels"] for stream in streams if stream["codec_type"] == "audio"}
    assert heard == {channels for channels, _ in film.sound}
