"""What the files of a package are, by their names."""

_TYPES = {
    "m4s": "video/iso.segment",
    "mp4": "video/mp4",
    "m3u8": "application/vnd.apple.mpegurl",
    "mpd": "application/dash+xml",
    "vtt": "text/vtt; charset=utf-8",
    "json": "application/json",
    "jpg": "image/jpeg",
    "webp": "image/webp",
}
_REPLACED = frozenset({"m3u8", "mpd", "json"})


def media_type(name: str) -> str:
    """Return the media type of a file of a package."""
    return _TYPES.get(name.rpartition(".")[2], "application/octet-stream")


def is_replaced(name: str) -> bool:
    """Tell whether a file of a package is written anew while it grows; all others never change."""
    return name.rpartition(".")[2] in _REPLACED
