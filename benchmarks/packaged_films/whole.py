"""Holds a package in storage against its playlists: everything that is named is there, and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

_PLAYED = "master.m3u8"
# What players of other protocols begin with, and what playlists are written from.
_BESIDE = frozenset({_PLAYED, "manifest.mpd", "index.json"})
# Pictures to choose from, which HLS does not know.
_PICTURES = (".jpg", ".vtt")
_URI = re.compile(r'^(?!#)(\S+)|URI="([^"]+)"', re.MULTILINE)
_LENGTH = re.compile(r"^#EXTINF:([\d.]+)", re.MULTILINE)
_SLACK_S = 0.5


def faults_of(package: Path, *, seconds: float) -> list[str]:
    """Return what is wrong with the package of a film of that length; nothing if it is whole."""
    missing = [f"{name} is missing" for name in sorted(_BESIDE) if not (package / name).is_file()]
    if missing:
        return missing
    named = set(_BESIDE)
    faults: list[str] = []
    for playlist in _uris(package / _PLAYED):
        named.add(playlist)
        if not (package / playlist).is_file():
            faults.append(f"{playlist} is missing")
            continue
        named.update(f"{Path(playlist).parent}/{uri}" for uri in _uris(package / playlist))
        faults += _faults_of_playlist(package / playlist, seconds)
    faults += [f"{name} is missing or empty" for name in sorted(named) if not _has_content(package / name)]
    return faults + [f"{name} is stray" for name in strays_in(package, named)]


def strays_in(package: Path, named: set[str]) -> list[str]:
    """Return the files that nothing names."""
    files = (path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file())
    return sorted(
        name for name in files if name not in named and (Path(name).name.startswith(".") or not _is_picture(name))
    )


def _is_picture(name: str) -> bool:
    return name.endswith(_PICTURES)


def _uris(playlist: Path) -> Iterator[str]:
    for plain, quoted in _URI.findall(playlist.read_text()):
        yield plain or quoted


def _faults_of_playlist(playlist: Path, seconds: float) -> Iterator[str]:
    text, name = playlist.read_text(), f"{playlist.parent.name}/{playlist.name}"
    if "#EXT-X-ENDLIST" not in text:
        yield f"{name} has no end"
    length_s = sum(map(float, _LENGTH.findall(text)))
    if abs(length_s - seconds) > _SLACK_S:
        yield f"{name} lasts {length_s:.2f} s"


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0
