"""What an encoder sends, as far as its first messages say."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from streaming.rtmp.codecs import AudioConfiguration, VideoConfiguration
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.flv import AudioCodec, AudioTag, Part, VideoCodec, VideoTag
from streaming.rtmp.metadata import ScriptTag, StreamMetadata

_USUAL_RATE = Fraction(30)
_LOWEST_RATE, _HIGHEST_RATE = Fraction(10), Fraction(60)
# Who claims more counts something else: a thousand are the ticks of a clock.
_MOST_CLAIMED_RATE = 240
_NTSC = Fraction(1000, 1001)
# Encoders round what they claim: 29.97 is 30000/1001, and 30.003 is 30.
_RATE_TOLERANCE = Fraction(1, 300)
_NAL_IDR, _NAL_SEI = 5, 6
# Before its first slice a picture has a few messages and parameter sets.
_MOST_NALS = 32
_MOST_SEI_BYTES = 4096
# x264 writes its settings into its first key frame: how many frames there are at most from one to the next.
_X264_GROUP = re.compile(rb"x264 - core .* keyint=([0-9]{1,6}|infinite) ", re.DOTALL)
_ENDLESS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFrame:
    """The first key frame of an H.264 encoder.

    Attributes:
        is_clean: nothing behind it refers to what was before it (an IDR picture).
        group_frames: how many frames there are at most until the next one, where the encoder tells.
    """

    is_clean: bool
    group_frames: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFormat:
    """What an encoder sends; None is what it does not send or does not tell.

    Attributes:
        frame_rate, bitrate_bps, audio_bitrate_bps: what it claims, the latter of its picture and its sound.
        video, audio: what their headers say.
    """

    video_codec: VideoCodec | None = None
    width_px: int | None = None
    height_px: int | None = None
    frame_rate: Fraction | None = None
    audio_codec: AudioCodec | None = None
    bitrate_bps: int | None = None
    audio_bitrate_bps: int | None = None
    video: VideoConfiguration | None = None
    audio: AudioConfiguration | None = None
    key_frame: KeyFrame | None = None

    @property
    def output_rate(self) -> Fraction:
        """The constant rate that comes out: what was claimed, so far as it makes sense."""
        claimed = self.frame_rate
        if claimed is None or not 1 <= claimed <= _MOST_CLAIMED_RATE:
            return _USUAL_RATE
        whole = Fraction(round(claimed)) or _LOWEST_RATE
        # The nearer of the two: at 60 frames a second they are no further apart than encoders round.
        rate = min((whole, whole * _NTSC), key=lambda candidate: abs(candidate - claimed))
        if abs(rate - claimed) > claimed * _RATE_TOLERANCE:
            rate = Fraction(ceil(claimed))
        while rate > _HIGHEST_RATE:
            rate /= 2
        while rate < _LOWEST_RATE:
            rate *= 2
        return rate

    def claims_rate(self, rate: Fraction) -> bool:
        """Tell whether its frames come at a rate by themselves."""
        return self.frame_rate is not None and abs(rate - self.frame_rate) <= self.frame_rate * _RATE_TOLERANCE


def source_format(messages: Iterable[MediaMessage]) -> SourceFormat:
    """Return what has come so far: tracks of which there was a frame, as their headers describe them."""
    found = SourceFormat()
    claimed = StreamMetadata()
    for message in messages:
        header = message.header
        if isinstance(header, ScriptTag):
            claimed = header.metadata or claimed
        elif isinstance(message.configuration, VideoConfiguration):
            found = replace(found, video=message.configuration)
        elif isinstance(message.configuration, AudioConfiguration):
            found = replace(found, audio=message.configuration)
        elif header.part is Part.CODED_FRAMES:
            found = _with_frame(found, header, message.payload)
    width_px, height_px = (found.video.width_px, found.video.height_px) if found.video else (None, None)
    if width_px is None or height_px is None:
        width_px, height_px = claimed.width_px, claimed.height_px
    rate = None if claimed.frame_rate is None else Fraction(claimed.frame_rate).limit_denominator(1001)
    return replace(
        found,
        width_px=width_px,
        height_px=height_px,
        frame_rate=rate or None,
        bitrate_bps=claimed.video_bitrate_bps,
        audio_bitrate_bps=claimed.audio_bitrate_bps,
    )


def _with_frame(found: SourceFormat, header: VideoTag | AudioTag, payload: bytes) -> SourceFormat:
    if isinstance(header, AudioTag):
        return replace(found, audio_codec=header.codec)
    found = replace(found, video_codec=header.codec)
    length_bytes = found.video.nal_length_bytes if found.video else None
    if length_bytes is None or not header.is_key or found.key_frame is not None:
        return found
    return replace(found, key_frame=_read_key_frame(memoryview(payload)[header.body_offset :], length_bytes))


def _read_key_frame(content: memoryview, length_bytes: int) -> KeyFrame:
    is_clean, group_frames = False, None
    for nal in _nals(content, length_bytes):
        kind = nal[0] & 0x1F
        is_clean |= kind == _NAL_IDR
        if kind == _NAL_SEI and (told := _X264_GROUP.search(nal[:_MOST_SEI_BYTES])):
            group_frames = _ENDLESS if told[1] == b"infinite" else int(told[1])
    return KeyFrame(is_clean=is_clean, group_frames=group_frames)


def _nals(content: memoryview, length_bytes: int) -> Iterator[memoryview]:
    """Yield the first NAL units of a frame, as far as they are whole; before each is its length (14496-15, 5.3.2)."""
    for _ in range(_MOST_NALS):
        size = int.from_bytes(content[:length_bytes])
        nal, content = content[length_bytes : length_bytes + size], content[length_bytes + size :]
        if not nal or len(nal) < size:
            return
        yield nal
