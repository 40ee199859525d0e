"""What an origin sees of each live stream, told once a second to those who draw and judge it."""

from typing import Final

import msgspec

# A Redis stream of samples in the field SAMPLE, by MessagePack; the last minutes of it are kept.
LOG: Final = "nova:live:samples"
SAMPLE: Final = b"r"
KEPT_S: Final = 600


class IngestSample(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """One stream at one moment. What grows is told as its sum since the origin has the stream.

    Attributes:
        stream: its id. at: milliseconds since 1970.
        received_bytes: media from the encoder. sent_bytes: media of it to players and edges, by this origin.
        is_sending: whether an encoder is connected and sends.
        video_bps, audio_bps: over the last seconds; None where none came.
        target_bps: what the encoder said it would send; None if it did not.
        frame_rate: of pictures that came in the last seconds; nominal_frame_rate what it should be. None if unknown.
        gop_s: the longest distance between key frames of the last ones; None before the second.
        drift_ms: how far sound is ahead of the picture, by arrival; None where one is missing.
        lag_ms: how late media comes against its own clock since the encoder connected: grows if its line is too slow.
        encoder_speed: of our own encoder, 1.0 as fast as media comes; None where it passes on. behind_ms: how much it
            has still to do.
        part_age_ms: since the last part was listed; None before the first.
        runs: how many times our encoder was begun, which is one more than there are discontinuities.
        connections: how many times an encoder connected.
        sessions: how many sessions of players asked for media of it in the last 15 s; None where a CDN answers them.
    """

    stream: str
    at: int
    received_bytes: int = 0
    sent_bytes: int = 0
    is_sending: bool = False
    video_bps: int | None = None
    audio_bps: int | None = None
    target_bps: int | None = None
    frame_rate: float | None = None
    nominal_frame_rate: float | None = None
    gop_s: float | None = None
    drift_ms: int | None = None
    lag_ms: int | None = None
    encoder_speed: float | None = None
    behind_ms: int | None = None
    part_age_ms: int | None = None
    runs: int = 0
    connections: int = 0
    sessions: int | None = None
