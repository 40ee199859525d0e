from streaming.media.programme import build_programme


def test_global_options_stand_before_the_inputs_and_the_address_is_last() -> None:
    argv = build_programme(ffmpeg_path="/opt/ffmpeg", url="rtmp://localhost/live/key", seconds=None)
    assert argv[0] == "/opt/ffmpeg"
    assert max(argv.index(option) for option in ("-hide_banner", "-nostdin", "-loglevel")) < argv.index("-i")
    assert argv[-1] == "rtmp://localhost/live/key"


def test_both_inputs_are_read_in_real_time() -> None:
    argv = build_programme(ffmpeg_path="ffmpeg", url="rtmp://localhost/live/key", seconds=None)
    assert argv.count("-re") == argv.count("-i") == 2


def test_it_goes_on_until_stopped_unless_a_length_is_given() -> None:
    assert "-t" not in build_programme(ffmpeg_path="ffmpeg", url="rtmp://x/live/k", seconds=None)
    argv = build_programme(ffmpeg_path="ffmpeg", url="rtmp://x/live/k", seconds=7)
    assert argv[argv.index("-t") + 1] == "7"


def test_a_key_frame_comes_every_two_seconds() -> None:
    argv = build_programme(ffmpeg_path="ffmpeg", url="rtmp://x/live/k", seconds=None)
    assert argv[argv.index("-g") + 1] == "60"
    assert argv[argv.index("-sc_threshold") + 1] == "0"
