"""The generated programme that stands in for an encoder."""

import ffmpeg

_FRAME_RATE = 30
_GOP_S = 2


def build_programme(*, ffmpeg_path: str, url: str, seconds: int | None) -> list[str]:
    """Return the argv that publishes a test picture with a running clock and a tone to an RTMP address.

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
    output = ffmpeg.output(picture, tone, url, **options)
    program, *arguments = output.compile(cmd=ffmpeg_path)
    # Global options come first: behind an output FFmpeg calls them trailing and may ignore them.
    return [program, "-hide_banner", "-nostdin", "-loglevel", "error", *arguments]
