"""Brings what the packager makes into storage, and playlists behind it."""

from collections.abc import Collection

from streaming.media.dash import format_manifest
from streaming.media.hls_package import build_playlists
from streaming.media.index_json import format_index
from streaming.media.package_index import ImageTrack, PackageIndex, TextTrack
from streaming.media.packager import Packager
from streaming.runtime.segment_store import Sender

_MASTER = "master.m3u8"


class PackageWriter:
    """Writes one package below `path`. Nothing is named in a playlist before it is safely stored."""

    def __init__(self, packager: Packager, sender: Sender, *, path: str, target_duration_s: int) -> None:
        self._packager, self._sender, self._path = packager, sender, path
        self._target_duration_s = target_duration_s
        self._texts: list[TextTrack] = []
        self._images: list[ImageTrack] = []
        self._segments: dict[str, int] = {}
        self.size_bytes = 0

    def feed(self, track: str, received: bytes) -> None:
        """Take bytes of a track, b"" at its end. Raises MediaFault, PackageStorageFull."""
        for file in self._packager.feed(track, received):
            self._send(file.name, file.content)
            if file.name.endswith(".m4s"):
                name = file.name.partition("/")[0]
                self._segments[name] = self._segments.get(name, 0) + 1

    def segments_of(self, track: str) -> int:
        """Return how many segments of a track are there."""
        return self._segments.get(track, 0)

    def add_text(self, track: TextTrack, content: bytes) -> None:
        self._send(f"{track.name}/1.vtt", content)
        self._texts.append(track)

    def add_sheet(self, track: str, number: int, content: bytes) -> None:
        self._send(f"{track}/{number}.jpg", content)

    def add_images(self, track: ImageTrack) -> None:
        self._images.append(track)

    def write_growing(self, tracks: Collection[str]) -> PackageIndex:
        """Write the playlists of these tracks as far as they have come."""
        index = self._packager.index(is_whole=False, target_duration_s=self._target_duration_s, only=tracks)
        self._write_playlists(index)
        return index

    def write_whole(self, tracks: Collection[str]) -> PackageIndex:
        """Write playlists, manifest and index of these tracks, which have ended. Raises TimelineViolation."""
        index = self._packager.index(
            is_whole=True,
            target_duration_s=self._target_duration_s,
            only=tracks,
            texts=tuple(self._texts),
            images=tuple(self._images),
        )
        # First what the index is written from; the file that players begin with is last.
        self._send("index.json", format_index(index).encode())
        self._send("manifest.mpd", format_manifest(index).encode())
        self._write_playlists(index)
        return index

    def _write_playlists(self, index: PackageIndex) -> None:
        self._sender.settle()
        playlists = build_playlists(index)
        master = playlists.pop(_MASTER)
        for name, content in playlists.items():
            self._send(name, content.encode())
        self._sender.settle()
        self._send(_MASTER, master.encode())
        self._sender.settle()

    def _send(self, name: str, content: bytes) -> None:
        self.size_bytes += len(content)
        self._sender.send(f"{self._path}/{name}", content)
