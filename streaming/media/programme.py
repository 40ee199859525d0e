"""The generated programme that stands in for an encoder."""

import ffmpeg

from streaming.media.visible_clock import LEFT_PX, SQUARE_PX, SQUARES, TOP_PX, build_clock_expression

_FRAME_RATE = 30
_GOP_S = 2


def build_programme(*, ffmpeg_path: str, url: str, seconds: int | None) -> list[str]:
    """Return the argv that publishes a test picture with a running clock and a tone to an RTMP address.

    The picture has a second clock, which programs read: see `visible_clock`.

    `seconds` None publishes until the process is stopped. The address carries the stream key: never log the result.
    """
    # testsrc2 draws the elapsed time and moving shapes: delay, stalls and lost frames are seen at a glance.
    picture = ffmpeg.input(f"testsrc2=size=1280x720:rate={_FRAME_RATE}", f="lavfi", re=None)
    tone = ffmpeg.input("sine=frequency=440:beep_factor=4:sample_rate=48000", f="lavfi", re=None)
    options = {
        "vcodec": "libx264",
        "preset": "veryfast",
        "tune": "zerolatency",
        "pix_fmt": "yuv420p",
        "video_bitrate": "2500k",
        "maxrate": "2500k",
        "bufsize": "2500k",
        # A key frame every two seconds exactly, as broadcasters are told to set it.
        "g": _FRAME_RATE * _GOP_S,
        "sc_threshold": 0,
        "acodec": "aac",
        "audio_bitrate": "128k",
        "ac": 2,
        # Nobody seeks in a live stream: leave the header as it was written.
        "flvflags": "no_duration_filesize",
        "f": "flv",
    }
    if seconds is not None:
        options["t"] = seconds
    output = ffmpeg.output(_with_clock(picture), tone, url, **options)
    program, *arguments = output.compile(cmd=ffmpeg_path)
    # Global options come first: behind an output FFmpeg calls them trailing and may ignore them.
    return [program, "-hide_banner", "-nostdin", "-loglevel", "error", *arguments]


def _with_clock(picture: ffmpeg.nodes.FilterableStream) -> ffmpeg.nodes.FilterableStream:
    """Draw the clock behind `-re`: in the input itself it would tell when a frame was made, half a second too early."""
    parts = picture.filter_multi_output("split")
    squares = (
        parts[1]
        .filter("format", "gray")
        # One pixel for each square, so that a frame's clock is drawn in an instant.
        .filter("crop", SQUARES, 1, 0, 0)
        .filter("geq", lum=build_clock_expression())
        .filter("scale", SQUARES * SQUARE_PX, SQUARE_PX, flags="neighbor")
    )
    return ffmpeg.overlay(parts[0], squares, x=LEFT_PX, y=TOP_PX)
