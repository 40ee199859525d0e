import array
import io
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from streaming.media.command import POSTERS, STORYBOARD
from streaming.media.package_plan import NoteCode
from streaming.media.progress import ProgressReader, count_broken_frames, parse_loudness
from streaming.media.sample_entries import Picture, Sound
from streaming.media.stills import PosterChooser
from tests.streaming.media.clips import probe
from tests.streaming.media.packaging_runs import HEVC_LADDER, Made, carry_out, carry_out_film
from tests.streaming.media.sources import FFMPEG, H264, PATIENCE_S, make_film, run_probe

FILM = "-f lavfi -i testsrc2=s=128x72:r=%s:d=3"
TONE = "-f lavfi -i sine=d=3:sample_rate=48000:frequency=1000"
# Sound of a kind that is always encoded; MPEG-4 pictures are, too.
ENCODED = f"{FILM % 25} {TONE} -c:v mpeg4 -c:a flac"
MILLISECOND = 0.001


def picture_of(made: Made) -> tuple[int, int]:
    assert isinstance(made.track.media, Picture)
    return made.track.media.width_px, made.track.media.height_px


def test_a_copied_rung_and_encoded_ones_are_cut_at_the_same_places(tmp_path: Path) -> None:
    # Key frames at odd places, as an encoder that looks for scenes leaves them.
    keys = "-c:v libx264 -preset fast -bf 2 -g 40 -sc_threshold 0 -force_key_frames 0.52,1.2,2.6"
    run = carry_out_film(tmp_path, f"{FILM % 25} {TONE} {keys} -c:a aac -ac 2", name="film.mp4")
    assert [track.is_copy for track in run.plan.video] == [True, False]
    copied, encoded = (run.track(track.name) for track in run.plan.video)
    assert len(copied.keys_at()) >= 4
    assert encoded.keys_at() == pytest.approx(copied.keys_at(), abs=MILLISECOND)
    assert encoded.shown_at() == pytest.approx(copied.shown_at(), abs=MILLISECOND)
    assert (picture_of(copied), picture_of(encoded)) == ((128, 72), (64, 36))


@pytest.mark.parametrize(("rate", "group"), [("25", 25), ("24000/1001", 24), ("30000/1001", 30), ("60", 60)])
def test_encoded_rungs_have_every_frame_and_key_frames_by_count(rate: str, group: int, tmp_path: Path) -> None:
    run = carry_out_film(tmp_path, f"{FILM % rate} -c:v ffv1 -pix_fmt yuv420p")
    frame_s = float(1 / Fraction(rate))
    first, second = (run.track(track.name) for track in run.plan.video)
    assert (
        first.keys_at() == second.keys_at() == pytest.approx([n * group * frame_s for n in range(3)], abs=MILLISECOND)
    )
    assert first.shown_at() == pytest.approx([n * frame_s for n in range(len(first.samples))], abs=MILLISECOND)
    assert len(first.samples) == len(second.samples) == pytest.approx(3 / frame_s, abs=1)


def test_a_film_of_a_varying_rate_gets_a_constant_one(tmp_path: Path) -> None:
    thinned = f"{FILM % 30} -vf select=lt(n\\,45)+not(mod(n\\,3)) -fps_mode vfr {H264}"
    run = carry_out_film(tmp_path, thinned, name="film.mp4")
    shown = run.track(run.plan.video[0].name).shown_at()
    assert run.plan.picture is not None
    assert NoteCode.ENCODED_VARIABLE_RATE in [note.code for note in run.plan.notes]
    frame_s = float(1 / run.plan.picture.frame_rate)
    assert shown == pytest.approx([n * frame_s for n in range(len(shown))], abs=MILLISECOND)
    assert len(shown) * frame_s == pytest.approx(3, abs=0.15)


def test_a_film_on_its_side_comes_out_upright(tmp_path: Path) -> None:
    make_film(tmp_path, f"{FILM % 25} {H264}", name="flat.mp4")
    run = carry_out(make_film(tmp_path, "-display_rotation 90 -i flat.mp4 -c copy"))
    assert [picture_of(run.track(track.name)) for track in run.plan.video] == [(72, 128), (36, 64)]


def test_anamorphic_pixels_come_out_square(tmp_path: Path) -> None:
    run = carry_out_film(tmp_path, f"-f lavfi -i testsrc2=s=96x72:r=25:d=1 -vf setsar=4/3 {H264}", name="film.mp4")
    best = run.pipes[run.plan.video[0].name]
    (tmp_path / "out.mp4").write_bytes(best)
    (stream,) = describe(tmp_path / "out.mp4")
    assert (stream["width"], stream["height"], stream["sample_aspect_ratio"]) == (128, 72, "1:1")


def describe(path: Path) -> list[dict[str, object]]:
    argv = [str(Path(FFMPEG).with_name(Path(FFMPEG).name.replace("ffmpeg", "ffprobe"))), "-v", "error"]
    streams: list[dict[str, object]] = run_probe([*argv, "-show_streams", "-of", "json", str(path)])["streams"]
    return streams


def test_interlaced_pictures_become_whole_ones(tmp_path: Path) -> None:
    fields = f"{FILM % 50} -vf tinterlace=4,setfield=tff -c:v mpeg2video -flags +ildct+ilme"
    run = carry_out_film(tmp_path, fields, name="film.mpg")
    made = run.track(run.plan.video[0].name)
    assert NoteCode.ENCODED_INTERLACED in [note.code for note in run.plan.notes]
    assert len(made.samples) == pytest.approx(75, abs=2)


# Red of BT.709 as bright as paper, as SMPTE ST 2084 codes it: without a mapping it comes out brown.
RED_OF_HDR = (
    "-f lavfi -i color=0x885338:s=128x72:r=25:d=1 -vf format=gbrp,scale=out_color_matrix=bt2020nc,format=yuv420p10le,"
    "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"
)
GRADED = (
    "-c:v libx265 -preset ultrafast -x265-params log-level=error:max-cll=1000,400:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
)


def test_hdr_is_mapped_to_colours_that_a_screen_shows(tmp_path: Path) -> None:
    run = carry_out_film(tmp_path, f"{RED_OF_HDR} {GRADED}")
    poster = run.stills(POSTERS)[0]
    red, green, blue = ImageStat.Stat(Image.open(io.BytesIO(poster)).convert("RGB")).mean
    assert red > 200
    assert max(green, blue) < red / 4
    (tmp_path / "out.mp4").write_bytes(run.pipes[run.plan.video[0].name])
    (stream,) = describe(tmp_path / "out.mp4")
    assert (stream["pix_fmt"], stream["color_transfer"], stream["color_primaries"]) == ("yuv420p", "bt709", "bt709")
    told = probe(tmp_path / "out.mp4", "-show_frames", "-read_intervals", "%+#1")["frames"][0]
    # It is not graded for a brighter screen any more.
    assert not {"Mastering display metadata", "Content light level metadata"} & {
        entry["side_data_type"] for entry in told["side_data_list"]
    }


def heard_from(made: Made, folder: Path) -> float:
    """Return at which second of the film a track's sound begins; its own priming counts."""
    (folder / "sound.mp4").write_bytes(made.content)
    argv = [
        FFMPEG,
        "-v",
        "error",
        "-flags2",
        "+skip_manual",
        "-i",
        str(folder / "sound.mp4"),
        "-f",
        "s16le",
        "-ac",
        "1",
    ]
    done = subprocess.run([*argv, "-"], capture_output=True, timeout=PATIENCE_S, check=True)
    values = array.array("h", done.stdout)
    loud = max(map(abs, values)) / 2
    first = next(number for number, value in enumerate(values) if abs(value) > loud)
    return made.shown_at()[0] + first / 48_000


@pytest.mark.parametrize(
    ("sound", "name"),
    [
        ("-c:a flac", "film.mkv"),
        ("-c:a aac -ac 2", "film.mp4"),
        ("-c:a mp2 -muxdelay 5", "film.ts"),
        ("-c:a aac -ac 2", "film.ts"),
    ],
)
def test_sound_stays_beside_its_picture(sound: str, name: str, tmp_path: Path) -> None:
    late = f"{FILM % 25} {TONE} -af adelay=1000:all=1 {H264} {sound}"
    run = carry_out_film(tmp_path, late, name=name)
    picture = run.track(run.plan.video[0].name)
    distance_s = heard_from(run.track("a1-stereo"), tmp_path) - picture.shown_at()[0]
    # A tone of 1 kHz needs a fraction of a millisecond to become loud; a lost priming would be 21.
    assert distance_s == pytest.approx(1.0, abs=2 * MILLISECOND)


def test_sound_that_begins_late_is_filled_with_silence(tmp_path: Path) -> None:
    run = carry_out_film(tmp_path, f"{FILM % 25} -itsoffset 0.5 {TONE} -c:v mpeg4 -c:a flac")
    sound = run.track("a1-stereo")
    assert sound.shown_at()[0] == pytest.approx(-1024 / 48_000, abs=MILLISECOND)
    assert heard_from(sound, tmp_path) == pytest.approx(0.5, abs=2 * MILLISECOND)


def test_every_language_comes_out_and_surround_beside_stereo(tmp_path: Path) -> None:
    maps = "-map 0 -map 1 -map 1 -map 1 -c:a aac -ac:a:0 6 -ac:a:1 2 -ac:a:2 1"
    tags = "-metadata:s:a:0 language=ger -metadata:s:a:1 language=eng -metadata:s:a:2 language=fre"
    run = carry_out_film(tmp_path, f"{FILM % 25} {TONE} -c:v mpeg4 {maps} {tags} -disposition:a:0 default")
    found = {}
    for audio in run.plan.audio:
        track = run.track(audio.name).track
        assert isinstance(track.media, Sound)
        found[audio.name] = (track.language, track.media.channels)
    assert found == {
        "a1-stereo": ("deu", 2),
        "a1-surround": ("deu", 6),
        "a2-stereo": ("eng", 2),
        "a3-stereo": ("fra", 1),
    }
    # What is copied is measured, too.
    assert {audio.is_copy for audio in run.plan.audio} == {True, False}
    assert set(parse_loudness(run.stderr)) == {audio.name for audio in run.plan.audio}


def test_embedded_subtitles_come_out_as_webvtt_in_the_time_of_the_film(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:01,250 --> 00:00:02,500\nHello\n")
    run = carry_out_film(tmp_path, f"{FILM % 25} {TONE} -i a.srt -map 0 -map 1 -map 2 -c:v mpeg4 -c:a aac -c:s ass")
    assert run.pipes["t1"].decode().strip() == "WEBVTT\n\n00:01.250 --> 00:02.500\nHello"


def test_sound_alone_is_a_run_of_one_phase(tmp_path: Path) -> None:
    run = carry_out_film(tmp_path, f"{TONE} -c:a flac", name="film.flac")
    assert set(run.pipes) == {"a1-stereo", "progress"}
    assert run.track("a1-stereo").shown_at()[-1] == pytest.approx(3, abs=0.05)


def test_one_frame_is_a_film(tmp_path: Path) -> None:
    run = carry_out_film(tmp_path, f"{FILM % 25} -frames:v 1 {H264}", name="film.mp4")
    assert [len(run.track(track.name).samples) for track in run.plan.video] == [1, 1]
    # There is one picture to choose from, however often.
    assert len(run.stills(POSTERS)) >= 1


def test_small_pictures_come_out_and_posters_are_not_black(tmp_path: Path) -> None:
    black = "color=black:s=128x72:r=25:d=1[b];testsrc2=s=128x72:r=25:d=5[t];[b][t]concat"
    run = carry_out_film(tmp_path, f"-f lavfi -i {black} -c:v mpeg4")
    board, posters = run.plan.storyboard, run.plan.posters
    assert board is not None
    assert posters is not None
    sizes = {Image.open(io.BytesIO(still)).size for still in run.stills(STORYBOARD)}
    assert sizes == {(board.width_px, board.height_px)}
    # At 0, 2 and 4 seconds.
    assert len(run.stills(STORYBOARD)) == pytest.approx(3, abs=1)
    chooser = PosterChooser(posters)
    for still in run.stills(POSTERS):
        chooser.add(still)
    chosen = chooser.finish()
    lights = [ImageStat.Stat(Image.open(io.BytesIO(poster)).convert("L")).mean[0] for poster in chosen]
    assert len(chosen) == 6
    assert min(lights[1:]) > 40


def test_a_film_with_broken_frames_comes_out_all_the_same(tmp_path: Path) -> None:
    film = make_film(tmp_path, f"{FILM % 25} {TONE} -c:v mpeg2video -b:v 900k -c:a mp2", name="film.ts")
    content = bytearray(film.read_bytes())
    for at in range(len(content) // 3, len(content) * 2 // 3, 3001):
        content[at] ^= 0x55
    film.write_bytes(content)
    run = carry_out(film)
    assert len(run.track(run.plan.video[0].name).samples) == pytest.approx(75, abs=10)
    assert count_broken_frames(run.stderr) > 0


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    blocks = ProgressReader(frame_rate=Fraction(25)).feed(carry_out_film(tmp_path, ENCODED).progress)
    assert blocks[-1].has_ended
    assert blocks[-1].position_s == pytest.approx(3, abs=0.2)


def test_hevc_stands_beside_h264_with_the_same_cuts(tmp_path: Path) -> None:
    run = carry_out(make_film(tmp_path, ENCODED, name="film.mkv"), HEVC_LADDER)
    h264, *_, hevc = (run.track(track.name) for track in run.plan.video)
    assert isinstance(hevc.track.media, Picture)
    assert hevc.track.media.codec.startswith("hvc1")
    assert hevc.keys_at() == pytest.approx(h264.keys_at(), abs=MILLISECOND)
