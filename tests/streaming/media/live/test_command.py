from dataclasses import replace
from fractions import Fraction

from streaming.media.command import Command
from streaming.media.live.command import LiveTools, build_live_command
from streaming.media.live.plan import LivePlan
from streaming.media.live.source import SourceFormat
from streaming.rtmp.flv import AudioCodec
from tests.streaming.media.live.publishing import FULL_HD, make_plan

TRACK = ["-f", "mp4", "-avoid_negative_ts", "disabled"]
MOVFLAGS = "+empty_moov+default_base_moof+frag_discont+skip_trailer+negative_cts_offsets+frag_every_frame"
SMALL = replace(FULL_HD, width_px=854, height_px=480)


def command_of(plan: LivePlan) -> Command:
    outputs = {name: 10 + number for number, name in enumerate(plan.tracks)}
    return build_live_command(plan, tools=LiveTools(ffmpeg="/opt/ffmpeg"), outputs=outputs)


def values_of(command: Command, option: str) -> list[str]:
    return [command.argv[place + 1] for place, word in enumerate(command.argv) if word == option]


def test_a_small_stream_is_this_command() -> None:
    command = command_of(make_plan(SMALL))
    graph = "[0:v]split=1[s0];[s0]scale=854:480:flags=bicubic[s1];[s1]format=yuv420p[s2];[s2]setsar=1[s3]"
    quiet = ["-map_chapters", "-1", "-map_metadata", "-1", "-max_muxing_queue_size", "4096", "-movflags", MOVFLAGS]
    assert list(command.argv) == [
        *("/opt/ffmpeg", "-hide_banner", "-nostdin", "-y", "-loglevel", "level+warning", "-nostats"),
        *("-max_alloc", "536870912", "-filter_complex_threads", "1"),
        *("-f", "flv", "-analyzeduration", "500000", "-err_detect", "careful", "-flags", "low_delay"),
        *("-format_whitelist", "flv", "-max_error_rate", "1", "-probesize", "32768"),
        *("-protocol_whitelist", "pipe", "-i", "pipe:0", "-filter_complex", graph),
        *("-map", "[s3]", *TRACK, "-bufsize", "1000000", "-c:v", "libx264", "-crf", "23", "-flags", "+cgop"),
        *("-flush_packets", "1", "-force_key_frames", "expr:eq(mod(n,60),0)", "-forced-idr", "1"),
        *("-fps_mode", "cfr", "-g", "60", "-level:v", "3.1"),
        *quiet[:4],
        *("-max_muxing_queue_size", "4096", "-maxrate", "2000000", "-movflags", MOVFLAGS),
        *("-preset", "veryfast", "-profile:v", "high", "-r", "30/1", "-sc_threshold", "0", "-threads", "1"),
        *("-tune", "zerolatency", "-video_track_timescale", "30000", "pipe:10"),
        *("-map", "0:a", "-f", "mp4", "-ac", "2"),
        *("-af", "aresample=48000:async=1:first_pts=0:out_chlayout=stereo", "-ar", "48000"),
        *("-avoid_negative_ts", "disabled", "-b:a", "128000", "-c:a", "aac", "-flush_packets", "1", *quiet, "pipe:11"),
    ]
    assert command.pipes == ("v-h264-854x480", "a1-stereo")


def test_every_rung_comes_from_one_decoding() -> None:
    command = command_of(make_plan())
    (graph,) = values_of(command, "-filter_complex")
    assert graph.count("[0:v]") == 1
    assert graph.startswith("[0:v]split=3")
    assert [word for word in command.argv if word.startswith("pipe:")] == [
        *("pipe:0", "pipe:10", "pipe:11", "pipe:12", "pipe:13")
    ]


def test_every_rung_has_its_key_frames_at_the_same_frames() -> None:
    command = command_of(make_plan(replace(FULL_HD, frame_rate=Fraction(2997, 100))))
    assert values_of(command, "-r") == ["30000/1001"] * 3
    assert values_of(command, "-force_key_frames") == ["expr:eq(mod(n,60),0)"] * 3
    assert values_of(command, "-g") == ["60"] * 3


def test_where_no_sound_comes_a_moment_of_silence_makes_the_track() -> None:
    command = command_of(make_plan(replace(FULL_HD, audio_codec=None)))
    assert "anullsrc=sample_rate=48000:channel_layout=stereo:duration=0.1" in values_of(command, "-i")
    assert "0:a" not in values_of(command, "-map")


def test_without_picture_nothing_is_scaled() -> None:
    command = command_of(make_plan(SourceFormat(audio_codec=AudioCodec.AAC)))
    assert "-filter_complex" not in command.argv
    assert command.pipes == ("a1-stereo",)


def test_a_lighter_plan_takes_less_pains() -> None:
    lighter = make_plan().lighter()
    assert lighter is not None
    assert values_of(command_of(lighter), "-preset") == ["superfast"] * 3
