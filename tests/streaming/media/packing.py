"""Packages out of FFmpeg's tracks, written to a folder as the portal would store them."""

from fractions import Fraction
from pathlib import Path

from streaming.media.dash import format_manifest
from streaming.media.hls_package import build_playlists
from streaming.media.index_json import format_index
from streaming.media.package_index import PackageIndex
from streaming.media.packager import AudioOutput, File, Packager, VideoOutput


def write_files(folder: Path, files: tuple[File, ...]) -> None:
    for file in files:
        path = folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert not path.exists(), f"{file.name} was written twice"
        path.write_bytes(file.content)


def write_playlists(folder: Path, index: PackageIndex) -> None:
    for name, text in build_playlists(index).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "index.json").write_text(format_index(index), encoding="utf-8")
    if index.is_whole:
        (folder / "manifest.mpd").write_text(format_manifest(index), encoding="utf-8")


def pack(
    folder: Path,
    tracks: dict[VideoOutput | AudioOutput, bytes],
    *,
    segment_s: Fraction,
    target_duration_s: int,
    slice_bytes: int = 5000,
) -> PackageIndex:
    """Feed all pipes in turns, slice by slice, and store what comes of it."""
    packager = Packager(tuple(tracks), segment_s=segment_s)
    left = {output.name: stream for output, stream in tracks.items()}
    while left:
        for name, stream in list(left.items()):
            write_files(folder, packager.feed(name, stream[:slice_bytes]))
            left[name] = stream[slice_bytes:]
            if not stream:
                del left[name]
    index = packager.index(is_whole=True, target_duration_s=target_duration_s)
    write_playlists(folder, index)
    return index
