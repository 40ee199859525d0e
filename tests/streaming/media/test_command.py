from fractions import Fraction
from typing import Any

import pytest

from streaming.media.command import Command, Tools, build_command, pipe_names
from streaming.media.ladder import Codec
from streaming.media.package_plan import PackagingPlan
from streaming.media.plan import PlanConf, plan_vod
from streaming.media.streams import Hdr
from tests.streaming.media.planning import LADDER, make_audio, make_probe, make_rung, make_subtitles, make_video

TOOLS = Tools(ffmpeg="/opt/ffmpeg", source="/data/-y film.mp4", cores=2, tone_table="/tables/hdr10.cube")
MOVFLAGS = "+empty_moov+default_base_moof+frag_discont+skip_trailer+negative_cts_offsets"


def plan_of(**probe: Any) -> PackagingPlan:
    return plan_vod(make_probe(**probe), LADDER, conf=PlanConf())


def command_of(plan: PackagingPlan, phase: int = 0) -> Command:
    names = pipe_names(plan, plan.phases[phase])
    outputs = {name: 10 + number for number, name in enumerate(names)}
    return build_command(plan, plan.phases[phase], tools=TOOLS, outputs=outputs)


def value_of(command: Command, option: str, *, nth: int = 0) -> str:
    places = [place for place, word in enumerate(command.argv) if word == option]
    return command.argv[places[nth] + 1]


def graph_of(command: Command) -> str:
    return value_of(command, "-filter_complex")


def test_the_first_phase_of_a_copied_film_is_this_command() -> None:
    common = ["-f", "mp4", "-avoid_negative_ts", "disabled", "-c", "copy"]
    quiet = ["-map_chapters", "-1", "-map_metadata", "-1", "-max_muxing_queue_size", "4096"]
    command = command_of(plan_of())
    guards = value_of(command, "-format_whitelist")
    assert list(command.argv) == [
        *("/opt/ffmpeg", "-hide_banner", "-nostdin", "-y", "-loglevel", "level+info", "-nostats"),
        *("-progress", "pipe:12", "-stats_period", "0.5", "-max_alloc", "536870912", "-filter_complex_threads", "2"),
        *("-err_detect", "careful", "-format_whitelist", guards, "-max_error_rate", "0.5"),
        *("-protocol_whitelist", "file,pipe", "-threads", "2", "-i", "file:/data/-y film.mp4"),
        *("-map", "0:0", *common, *quiet, "-movflags", f"{MOVFLAGS}+frag_keyframe", "pipe:10"),
        *("-map", "0:1", *common, "-frag_duration", "500000", *quiet[:4], *quiet[4:]),
        *("-metadata:s:a:0", "language=eng", "-movflags", MOVFLAGS, "pipe:11"),
    ]
    assert command.pipes == ("v-h264-1920x1080", "a1-stereo", "progress")


def test_every_rung_comes_from_one_decoding() -> None:
    graph = graph_of(command_of(plan_of(video=make_video(codec="vp9")), 1))
    assert graph.count("[0:0]") == 1
    assert graph.startswith("[0:0]fps=fps=25/1")
    assert "split=4" in graph
    assert "scale=1920:1080:flags=bicubic" in graph
    assert "scale=1280:720:flags=bicubic" in graph


def test_counted_groups_have_no_other_key_frames() -> None:
    command = command_of(plan_of(video=make_video(codec="vp9", frame_rate=Fraction(24000, 1001))))
    assert value_of(command, "-force_key_frames") == "expr:eq(mod(n,96),0)"
    assert (value_of(command, "-g"), value_of(command, "-sc_threshold")) == ("96", "0")
    assert (value_of(command, "-flags"), value_of(command, "-forced-idr")) == ("+cgop", "1")


def test_beside_a_copy_key_frames_and_times_are_the_sources() -> None:
    command = command_of(plan_of(), 1)
    assert value_of(command, "-force_key_frames") == "source"
    assert "fps=fps=25/1" not in graph_of(command)


def test_the_ceiling_of_a_rung_is_its_bitrate_over_two_seconds() -> None:
    command = command_of(plan_of(video=make_video(codec="vp9")), 1)
    assert (value_of(command, "-maxrate"), value_of(command, "-bufsize")) == ("8000000", "16000000")
    assert (value_of(command, "-profile:v"), value_of(command, "-level:v")) == ("high", "4.0")


@pytest.mark.parametrize(
    ("video", "part"),
    [
        ({"is_interlaced": True}, "bwdif=deint=interlaced:mode=send_frame:parity=auto"),
        ({"hdr": Hdr.HDR10}, "lut3d=file=/tables/hdr10.cube"),
    ],
)
def test_what_is_mended_is_mended_once(video: dict[str, Any], part: str) -> None:
    graph = graph_of(command_of(plan_of(video=make_video(**video)), 1))
    assert graph.count(part) == 1
    assert graph.index(part) < graph.index("split")


def test_light_is_mapped_for_the_largest_picture_that_a_run_makes_and_no_larger() -> None:
    plan = plan_of(video=make_video(hdr=Hdr.HDR10, width_px=3840, height_px=2160))
    lowest, rest = (graph_of(command_of(plan, phase)) for phase in (0, 1))
    assert lowest.startswith("[0:0]fps=fps=25/1:start_time=0[s0];[s0]scale=854:480:flags=bicubic[s1];")
    assert rest.index("scale=1920:1080:flags=bicubic") < rest.index("lut3d") < rest.index("split")


def test_runs_read_the_same_sound_so_that_they_count_the_same_times() -> None:
    audio = (make_audio(index=1, codec="mp2", channels=6), make_audio(index=3, codec="mp2", language="de"))
    plan = plan_of(audio=audio)
    assert " ".join(command_of(plan, 1).argv).endswith(" -map 0:1 -map 0:3 -f null -c copy -")
    first = command_of(plan, 0)
    assert "null" not in first.argv


def test_stills_alone_decode_key_frames_only() -> None:
    plan = plan_vod(make_probe(), LADDER[-1:], conf=PlanConf())
    assert value_of(command_of(plan, 1), "-skip_frame") == "nokey"
    assert "-skip_frame" not in command_of(plan_of(), 1).argv


def test_sound_is_encoded_once_and_measured() -> None:
    audio = (make_audio(codec="ac3", profile="", channels=6, language="de"),)
    command = command_of(plan_of(audio=audio))
    graph = graph_of(command)
    assert "out_chlayout=stereo" in graph
    assert "out_chlayout=5.1" in graph
    assert graph.count("ebur128@") == 2
    assert (value_of(command, "-b:a"), value_of(command, "-b:a", nth=1)) == ("160000", "384000")
    assert value_of(command, "-metadata:s:a:0") == "language=deu"


def test_sound_that_is_copied_is_measured_when_nobody_waits_for_it() -> None:
    plan = plan_of()
    assert "ebur128" not in " ".join(command_of(plan, 0).argv)
    last = command_of(plan, 1)
    assert graph_of(last).count("[0:1]ebur128@a1-stereo") == 1
    assert last.argv[-3:] == ("-f", "null", "-")


def test_no_encoder_takes_more_cores_than_the_job_may_have() -> None:
    ladder = [make_rung("720p HEVC", 1280, 720, 3_000_000, Codec.HEVC), make_rung("720p", 1280, 720, 1, Codec.AV1)]
    plan = plan_vod(make_probe(), (*LADDER, *ladder), conf=PlanConf())
    command = command_of(plan, 1)
    encoders = command.argv.count("-c:v") - command.argv.count("mjpeg")
    assert encoders == 4
    threads = [command.argv[at + 1] for at, word in enumerate(command.argv) if word == "-threads"]
    # The decoder, HEVC and AV1; and the frames of H.264, of which some always wait for another.
    assert (threads.count("2"), threads.count("3")) == (1 + encoders - 2, 2)
    assert ":pools=2:" in value_of(command, "-x265-params")
    assert value_of(command, "-svtav1-params").endswith(":lp=2")


@pytest.mark.parametrize("language", ["und", "x-private"])
def test_a_language_without_three_letters_is_undetermined(language: str) -> None:
    command = command_of(plan_of(audio=(make_audio(language=language),)))
    assert value_of(command, "-metadata:s:a:0") == "language=und"


def test_subtitles_leave_as_webvtt() -> None:
    command = command_of(plan_of(subtitles=(make_subtitles(index=7),)))
    assert "0:7" in command.argv
    assert value_of(command, "-c:s") == "webvtt"


def test_every_output_is_a_pipe_of_its_own() -> None:
    for phase in (0, 1):
        command = command_of(plan_of(), phase)
        written = [word for word in command.argv if word.startswith("pipe:")]
        assert sorted(written) == sorted(f"pipe:{10 + number}" for number in range(len(command.pipes)))
