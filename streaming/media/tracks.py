"""The header of a track: read from a moov box, and written as the init segment of a package."""

from dataclasses import dataclass
from fractions import Fraction

from streaming.media.boxes import (
    SampleDefaults,
    all_boxes,
    box,
    find_box,
    format_brands,
    full_box,
    need_box,
    pack,
    parse_edit_shift,
    parse_media_header,
    parse_trex,
    unpack,
    version_and_flags,
)
from streaming.media.errors import BoxViolation
from streaming.media.sample_entries import Picture, Sound, parse_sample_entry

_MOST_ENTRY_BYTES = 64 * 1024
# The unit matrix of 8.2.2.2, and that of 8.3.2.2, which is the same.
_MATRIX = pack("9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_IN_MOVIE_AND_ENABLED = 3
_HERE = full_box("dref", 0, 0, pack("I", 1), full_box("url ", 0, 1))
_NO_SAMPLES = b"".join(
    (
        full_box("stts", 0, 0, pack("I", 0)),
        full_box("stsc", 0, 0, pack("I", 0)),
        full_box("stsz", 0, 0, pack("2I", 0, 0)),
        full_box("stco", 0, 0, pack("I", 0)),
    )
)
BRANDS = ("cmf2", "iso6", "cmfc", "mp41")
"""cmf2: composition offsets are signed and no edit list shifts the track (ISO/IEC 23000-19, 7.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One track as its header describes it.

    Attributes:
        language: ISO 639-2, "und" where it is unknown.
        shift: what its edit list adds to its times, in its timescale.
        sample_entry: the content of the stsd box, which is passed on byte for byte.
    """

    track_id: int
    timescale: int
    language: str
    shift: int
    defaults: SampleDefaults
    sample_entry: bytes
    media: Picture | Sound

    def seconds(self, ticks: int) -> Fraction:
        """Return a time of this track in seconds."""
        return Fraction(ticks, self.timescale)


def parse_track(moov: memoryview) -> Track:
    """Read the content of the moov box of a file with one track.

    Raises:
        BoxViolation: it is damaged, holds more than one track, or is not fragmented.
        CodecUnknown: the track's codec has no string here.
    """
    traks = all_boxes(moov, "trak")
    if len(traks) != 1:
        raise BoxViolation(f"a header with {len(traks)} tracks instead of one")
    tkhd = need_box(traks[0], "tkhd")
    (track_id,) = unpack("I", tkhd, 20 if version_and_flags(tkhd)[0] else 12)
    defaults = dict(map(parse_trex, all_boxes(need_box(moov, "mvex"), "trex")))
    if track_id not in defaults:
        raise BoxViolation(f"track {track_id} is not fragmented")
    timescale, language = parse_media_header(need_box(traks[0], "mdia/mdhd"))
    entry = need_box(traks[0], "mdia/minf/stbl/stsd")
    if len(entry) > _MOST_ENTRY_BYTES:
        raise BoxViolation(f"a sample entry of {len(entry)} bytes")
    handler = bytes(need_box(traks[0], "mdia/hdlr")[8:12]).decode("latin-1")
    return Track(
        track_id=track_id,
        timescale=timescale,
        language=language,
        shift=_parse_shift(moov, traks[0], timescale),
        defaults=defaults[track_id],
        sample_entry=bytes(entry),
        media=parse_sample_entry(entry, handler),
    )


def _parse_shift(moov: memoryview, trak: memoryview, timescale: int) -> int:
    edits = find_box(trak, "edts/elst")
    if edits is None:
        return 0
    movie_timescale, _ = parse_media_header(need_box(moov, "mvhd"))
    return parse_edit_shift(edits, movie_timescale=movie_timescale, timescale=timescale)


def format_init(track: Track) -> bytes:
    """Write the init segment: the track alone, without samples, and without an edit list."""
    movie = full_box(
        "mvhd",
        0,
        0,
        pack("4I", 0, 0, track.timescale, 0),
        pack("IH", 0x10000, 0x100),
        bytes(10),
        _MATRIX,
        bytes(24),
        pack("I", 2),
    )
    return format_brands("ftyp", *BRANDS) + box(
        "moov",
        movie,
        box("trak", _format_track_header(track.media), _format_media(track)),
        box("mvex", full_box("trex", 0, 0, pack("5I", 1, 1, 0, 0, 0))),
    )


def _format_track_header(media: Picture | Sound) -> bytes:
    if isinstance(media, Picture):
        volume, size = 0, (media.width_px << 16, media.height_px << 16)
    else:
        volume, size = 0x100, (0, 0)
    return full_box(
        "tkhd",
        0,
        _IN_MOVIE_AND_ENABLED,
        pack("5I", 0, 0, 1, 0, 0),
        bytes(8),
        pack("4H", 0, 0, volume, 0),
        _MATRIX,
        pack("2I", *size),
    )


def _format_media(track: Track) -> bytes:
    is_picture = isinstance(track.media, Picture)
    handler, name = (b"vide", b"Video\0") if is_picture else (b"soun", b"Audio\0")
    head = full_box("vmhd", 0, 1, bytes(8)) if is_picture else full_box("smhd", 0, 0, bytes(4))
    first, second, third = (ord(letter) - 0x60 for letter in track.language)
    return box(
        "mdia",
        full_box("mdhd", 0, 0, pack("4I2H", 0, 0, track.timescale, 0, first << 10 | second << 5 | third, 0)),
        full_box("hdlr", 0, 0, bytes(4), handler, bytes(12), name),
        box(
            "minf",
            head,
            box("dinf", _HERE),
            box("stbl", box("stsd", track.sample_entry), _NO_SAMPLES),
        ),
    )
