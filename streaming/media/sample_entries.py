"""Sample entries: which codec a track holds, as playlists and manifests name it.

Sources: ISO/IEC 14496-12 (8.5.2, 12.1.3, 12.1.5 colr, 12.2.3), ISO/IEC 14496-14 (esds), ISO/IEC 14496-1 (7.2.6
descriptors), RFC 6381, ETSI TS 102 366 annex F (AC-3), "Encapsulation of Opus in ISO Base Media File Format" 4.3.
What stands inside of configuration records is read by `streaming.rtmp.codecs`, for they are the same in RTMP.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from streaming.media.boxes import children, need_box, unpack
from streaming.media.errors import BoxViolation, CodecUnknown
from streaming.rtmp.codecs import (
    parse_aac_configuration,
    parse_av1_configuration,
    parse_avc_configuration,
    parse_hevc_configuration,
)
from streaming.rtmp.errors import MediaViolation


class VideoRange(StrEnum):
    """The VIDEO-RANGE of a playlist (RFC 8216bis, 4.4.6.2)."""

    SDR = "SDR"
    HLG = "HLG"
    PQ = "PQ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a video track holds. `width_px` and `height_px` are those of the coded picture, after cropping."""

    codec: str
    width_px: int
    height_px: int
    video_range: VideoRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What an audio track holds."""

    codec: str
    sample_rate_hz: int
    channels: int


_VISUAL_BYTES, _AUDIO_BYTES = 78, 28
_TRANSFERS = {16: VideoRange.PQ, 18: VideoRange.HLG}
_AC3_CHANNELS = (2, 1, 2, 3, 3, 4, 4, 5)
_ES, _DECODER_CONFIG, _DECODER_SPECIFIC = 3, 4, 5
_MPEG4_AUDIO = 0x40
_MOST_CHANNELS = 64


def parse_sample_entry(stsd: memoryview, handler: str) -> Picture | Sound:
    """Read the content of an stsd box.

    Raises:
        BoxViolation: it is cut short, or holds more than one entry.
        CodecUnknown: the codec has no string here.
    """
    (count,) = unpack("I", stsd, 4)
    entries = list(children(stsd, 8))
    if count != 1 or len(entries) != 1:
        raise BoxViolation(f"a track with {count} sample entries instead of one")
    kind, entry = entries[0].kind.decode("latin-1"), stsd[entries[0].content : entries[0].end]
    try:
        if handler == "vide" and kind in _VIDEO:
            return _parse_picture(kind, entry)
        if handler == "soun" and kind in _AUDIO:
            return _AUDIO[kind](entry)
    except MediaViolation as error:
        raise BoxViolation(f"{kind}: {error}") from error
    raise CodecUnknown(f"a track of kind {handler!r} holds {kind!r}, which has no codec string here")


def _parse_picture(kind: str, entry: memoryview) -> Picture:
    width_px, height_px = unpack("2H", entry, 24)
    if not width_px or not height_px:
        raise BoxViolation(f"a picture of {width_px}x{height_px} pixels")
    boxes = {box.kind: entry[box.content : box.end] for box in children(entry, _VISUAL_BYTES)}
    record, read = _VIDEO[kind]
    if record.encode() not in boxes:
        raise BoxViolation(f"there is no {record} box in {kind}")
    return Picture(
        codec=kind + read(bytes(boxes[record.encode()])),
        width_px=width_px,
        height_px=height_px,
        video_range=_parse_range(boxes),
    )


def _parse_range(boxes: Mapping[bytes, memoryview]) -> VideoRange:
    colour = boxes.get(b"colr")
    if colour is None or bytes(colour[:4]) != b"nclx":
        return VideoRange.SDR
    return _TRANSFERS.get(unpack("3H", colour, 4)[1], VideoRange.SDR)


def _behind_dot(codec_string: str) -> str:
    """Keep what follows the four letters: they are those of the sample entry (hvc1 or hev1)."""
    return codec_string[4:]


_VIDEO: Mapping[str, tuple[str, Callable[[bytes], str]]] = {
    "avc1": ("avcC", lambda record: _behind_dot(parse_avc_configuration(record).codec_string)),
    "avc3": ("avcC", lambda record: _behind_dot(parse_avc_configuration(record).codec_string)),
    "hvc1": ("hvcC", lambda record: _behind_dot(parse_hevc_configuration(record).codec_string)),
    "hev1": ("hvcC", lambda record: _behind_dot(parse_hevc_configuration(record).codec_string)),
    "av01": ("av1C", lambda record: _behind_dot(parse_av1_configuration(record).codec_string)),
}


def _parse_mp4a(entry: memoryview) -> Sound:
    kind, specific = _parse_descriptors(need_box(entry[_AUDIO_BYTES:], "esds")[4:])
    if kind != _MPEG4_AUDIO:
        raise CodecUnknown(f"mp4a of object type {kind:#x} is not AAC")
    found = parse_aac_configuration(specific)
    return _sound(entry, found.codec_string, found.sample_rate_hz, found.channels)


def _parse_opus(entry: memoryview) -> Sound:
    # Opus is decoded to 48 kHz whatever the rate of the input was, which this box only remembers.
    _, channels = unpack("2B", need_box(entry[_AUDIO_BYTES:], "dOps"))
    return _sound(entry, "opus", 48_000, channels)


def _parse_ac3(entry: memoryview) -> Sound:
    # fscod 2, bsid 5, bsmod 3, acmod 3, lfeon 1, bit_rate_code 5, reserved 5.
    _, fields = unpack("BH", need_box(entry[_AUDIO_BYTES:], "dac3"))
    return _sound(entry, "ac-3", unpack("H", entry, 24)[0], _AC3_CHANNELS[fields >> 11 & 7] + (fields >> 10 & 1))


def _parse_eac3(entry: memoryview) -> Sound:
    # data_rate 13, num_ind_sub 3; the first substream: fscod 2, bsid 5, reserved 1, asvc 1, bsmod 3, acmod 3, lfeon 1.
    (fields,) = unpack("I", need_box(entry[_AUDIO_BYTES:], "dec3"))
    return _sound(entry, "ec-3", unpack("H", entry, 24)[0], _AC3_CHANNELS[fields >> 1 & 7] + (fields & 1))


_AUDIO: Mapping[str, Callable[[memoryview], Sound]] = {
    "mp4a": _parse_mp4a,
    "Opus": _parse_opus,
    "ac-3": _parse_ac3,
    "ec-3": _parse_eac3,
}


def _sound(entry: memoryview, codec: str, sample_rate_hz: int, channels: int | None) -> Sound:
    """Take the number of channels from the entry where the codec's own record leaves it open."""
    channels = channels or unpack("H", entry, 16)[0]
    if not 0 < channels <= _MOST_CHANNELS or not sample_rate_hz:
        raise BoxViolation(f"{codec} of {channels} channels at {sample_rate_hz} Hz")
    return Sound(codec=codec, sample_rate_hz=sample_rate_hz, channels=channels)


def _parse_descriptors(content: memoryview) -> tuple[int, bytes]:
    """Return object type and decoder configuration of an ES descriptor (ISO/IEC 14496-1, 7.2.6.5 and 7.2.6.6)."""
    stream = _descriptor(content, _ES)
    (flags,) = unpack("B", stream, 2)
    at = 3 + (2 if flags & 0x80 else 0)
    if flags & 0x40:
        at += 1 + unpack("B", stream, at)[0]
    at += 2 if flags & 0x20 else 0
    config = _descriptor(stream[at:], _DECODER_CONFIG)
    (kind,) = unpack("B", config)
    return kind, bytes(_descriptor(config[13:], _DECODER_SPECIFIC)) if kind == _MPEG4_AUDIO else b""


def _descriptor(content: memoryview, tag: int) -> memoryview:
    size, at = 0, 1
    for _ in range(4):
        (byte,) = unpack("B", content, at)
        size, at = size << 7 | byte & 0x7F, at + 1
        if not byte & 0x80:
            break
    if unpack("B", content)[0] != tag or at + size > len(content):
        raise BoxViolation(f"descriptor {tag} is missing or cut short")
    return content[at : at + size]
