"""Keeps FFmpeg's tables of light at hand: each is made once, for all films."""

from pathlib import Path
from uuid import uuid4

from streaming.media import tone_mapping
from streaming.media.streams import Hdr


def tone_table(hdr: Hdr, *, folder: Path) -> Path:
    """Return the file for a kind of light; make it if it is not in the folder yet."""
    path = folder / f"{hdr}-{tone_mapping.VERSION}.cube"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{uuid4().hex}")
        draft.write_text(tone_mapping.format_table(hdr), encoding="ascii")
        # Whole or not there at all, however many workers make it at once.
        draft.replace(path)
    return path
