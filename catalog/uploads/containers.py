"""Which files can be film: what they are called, what they are said to be, and how they begin. Pure."""

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath, PureWindowsPath

# Enough for three packets of an MPEG transport stream.
HEAD_LENGTH = 1024
_TS_PACKET = 188
_M2TS_PACKET = 192
LONGEST_NAME = 200

_OTHER_TYPES = {"", "application/octet-stream", "application/mxf", "application/ogg", "application/x-matroska"}
# By the ending of a name: the containers that may hide behind it.
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    ".mp4": ("iso",), ".m4v": ("iso",), ".m4a": ("iso",), ".mov": ("iso",), ".3gp": ("iso",),
    ".mkv": ("matroska",), ".webm": ("matroska",), ".mka": ("matroska",),
    ".ts": ("mpeg-ts",), ".m2ts": ("mpeg-ts",), ".mts": ("mpeg-ts",),
    ".mpg": ("mpeg-ps",), ".mpeg": ("mpeg-ps",), ".vob": ("mpeg-ps",),
    ".avi": ("avi",), ".mxf": ("mxf",), ".flv": ("flv",), ".ogv": ("ogg",), ".ogg": ("ogg",),
    ".wmv": ("asf",), ".asf": ("asf",), ".gxf": ("gxf",),
}  # fmt: skip
ENDINGS = tuple(sorted(_ENDINGS))


def _is_transport_stream(head: bytes) -> bool:
    """Packets begin with 0x47; those of Blu-ray after four bytes of time (ISO/IEC 13818-1)."""
    return any(
        len(head) > start + packet and all(head[place] == 0x47 for place in range(start, len(head), packet))
        for start, packet in ((0, _TS_PACKET), (4, _M2TS_PACKET))
    )


_SIGNS: Mapping[str, Callable[[bytes], bool]] = {
    # ISO/IEC 14496-12; QuickTime files of old begin with other boxes.
    "iso": lambda head: head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"},
    "matroska": lambda head: head.startswith(b"\x1a\x45\xdf\xa3"),
    "mpeg-ts": _is_transport_stream,
    "mpeg-ps": lambda head: head.startswith((b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")),
    "avi": lambda head: head.startswith(b"RIFF") and head[8:12] == b"AVI ",
    # SMPTE ST 377-1: a run-in may come first, which no camera and no editing suite writes.
    "mxf": lambda head: head.startswith(b"\x06\x0e\x2b\x34\x02\x05\x01\x01"),
    "flv": lambda head: head.startswith(b"FLV\x01"),
    "ogg": lambda head: head.startswith(b"OggS"),
    "asf": lambda head: head.startswith(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    "gxf": lambda head: head.startswith(b"\x00\x00\x00\x00\x01\xbc"),
}


def recognise(head: bytes) -> str | None:
    """Return the container of a file that begins like this; None if it is no film."""
    return next((name for name, is_it in _SIGNS.items() if is_it(head)), None)


def expected_containers(file_name: str) -> tuple[str, ...]:
    """Return what a file of this name may be; nothing if no film is called so."""
    return _ENDINGS.get(PurePosixPath(file_name).suffix.lower(), ())


def is_film_type(media_type: str) -> bool:
    """Tell whether a declared media type may be film; browsers know no type of many containers."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence in _OTHER_TYPES or essence.startswith(("video/", "audio/"))


def bare_name(file_name: str) -> str:
    """Return the last part of a name, whatever folders or control characters a client put into it."""
    last = PureWindowsPath(PurePosixPath(file_name).name).name
    printable = "".join(character for character in last if character.isprintable()).strip()
    return "" if printable in {".", ".."} else printable[-LONGEST_NAME:]
