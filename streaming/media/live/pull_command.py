"""How FFmpeg fetches a stream from another server: as it is, and without waiting for more than it needs."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

# Nothing comes for so long: the server, or the way to it, is gone.
_SILENCE_US = 10_000_000
# What is waited for to learn which tracks there are.
_ANALYSE_US = 1_000_000
# How long a track that sends nothing may hold up the other one. Where streams come in segments, tracks take turns as
# long as one lasts, and FFmpeg cannot write what is older than the first frame that it has let go.
_INTERLEAVE_US = 1_000_000
_SEGMENTED = ("http", "https")
# What a stream can name is opened by these alone.
_PROTOCOLS: Final[Mapping[str, str]] = {
    "rtmp": "rtmp,tcp",
    "rtmps": "rtmps,tls,tcp",
    "rtsp": "rtsp,rtp,tcp",
    "http": "http,tcp",
    "https": "https,tls,tcp",
}
_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "rtmp": ("-rtmp_live", "live", "-rw_timeout", str(_SILENCE_US)),
    "rtmps": ("-rtmp_live", "live", "-rw_timeout", str(_SILENCE_US)),
    # Through firewalls, and without loss.
    "rtsp": ("-rtsp_transport", "tcp", "-timeout", str(_SILENCE_US)),
    "http": ("-rw_timeout", str(_SILENCE_US)),
    "https": ("-rw_timeout", str(_SILENCE_US)),
}


def build_pull_command(url: str, *, ffmpeg: str) -> tuple[str, ...]:
    """Return the command that writes what is at an address to its stdout, as FLV."""
    scheme = urlsplit(url).scheme
    interleaving = () if scheme in _SEGMENTED else ("-max_interleave_delta", str(_INTERLEAVE_US))
    return (
        ffmpeg,
        *("-hide_banner", "-nostdin", "-nostats", "-loglevel", "quiet"),
        *("-protocol_whitelist", _PROTOCOLS[scheme], *_OPTIONS[scheme]),
        *("-analyzeduration", str(_ANALYSE_US), "-fpsprobesize", "0"),
        *("-i", url, "-map", "0:v:0?", "-map", "0:a:0?", "-c", "copy"),
        # A pipe cannot be gone back in, and each frame is wanted as soon as it is there.
        *("-f", "flv", "-flvflags", "no_duration_filesize", "-flush_packets", "1"),
        *(*interleaving, "pipe:1"),
    )
