"""`index.json`: the index of a package as text, and back, with nothing believed that is not as it must be."""

import json
from typing import Any

from streaming.media.codable import NotDecodable, decode, encode
from streaming.media.errors import IndexViolation
from streaming.media.package_index import INDEX_VERSION, PackageIndex

_LONGEST_TEXT = 64 * 1024 * 1024


def format_index(index: PackageIndex) -> str:
    """Write an index. Fractions are strings such as "24000/1001", segments are rows without names, to save room."""
    return json.dumps(index_to_json(index), ensure_ascii=False, separators=(",", ":"))


def index_to_json(index: PackageIndex) -> dict[str, Any]:
    """Return an index as what JSON knows."""
    document = {"version": INDEX_VERSION, **encode(index)}
    for track in (*document["video"], *document["audio"]):
        # Films have none of them, and had no word for them before there were live streams.
        if not track["headers"]:
            del track["headers"]
    return document


def parse_index(text: str) -> PackageIndex:
    """Read an index.

    Raises:
        IndexViolation: it is damaged, of another version, or contradicts itself.
    """
    if len(text) > _LONGEST_TEXT:
        raise IndexViolation(f"an index of {len(text)} characters")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise IndexViolation("the index is not JSON") from error
    return index_from_json(document)


def index_from_json(document: object) -> PackageIndex:
    """Read what `index_to_json` returned. Raises IndexViolation, as `parse_index` does."""
    if not isinstance(document, dict) or type(document.get("version")) is not int:
        raise IndexViolation("the index has no version")
    if document["version"] != INDEX_VERSION:
        raise IndexViolation(f"the index is not of version {INDEX_VERSION}")
    known = {name: document[name] for name in document if name != "version"}
    for kind in known.keys() & {"video", "audio"}:
        known[kind] = _with_headers(known[kind])
    try:
        return decode(PackageIndex, known, where="index")
    except NotDecodable as error:
        raise IndexViolation(str(error)) from error


def _with_headers(tracks: object) -> object:
    """Add what is left out where a track has one header, whatever else may be wrong with it."""
    if not isinstance(tracks, list):
        return tracks
    return [{"headers": [], **track} if isinstance(track, dict) else track for track in tracks]
