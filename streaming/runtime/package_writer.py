"""Brings what the packager makes into storage, and playlists behind it."""

from collections.abc import Collection, Iterable, Iterator

from streaming.media.dash import format_manifest
from streaming.media.hls_package import build_playlists
from streaming.media.index_json import format_index
from streaming.media.package_index import ImageTrack, PackageIndex, TextTrack
from streaming.media.package_parts import join
from streaming.media.packager import Packager
from streaming.media.texts import format_storyboard
from streaming.runtime.segment_store import Sender

_MASTER = "master.m3u8"


def playlists_of(index: PackageIndex) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of what a package of nothing but media has beside it, in the order of their writing.

    First the index, from which the others can be made again; last what players begin with.
    """
    yield "index.json", format_index(index).encode()
    yield "manifest.mpd", format_manifest(index).encode()
    playlists = build_playlists(index)
    master = playlists.pop(_MASTER)
    for name, content in playlists.items():
        yield name, content.encode()
    yield _MASTER, master.encode()


class PackageWriter:
    """Writes one package below `path`. Nothing is named in a playlist before it is safely stored."""

    def __init__(
        self,
        packager: Packager,
        sender: Sender,
        *,
        path: str,
        target_duration_s: int,
        finished: PackageIndex | None = None,
    ) -> None:
        """Begin with what is `finished` of the package already, if anything is."""
        self._packager, self._sender, self._path, self._finished = packager, sender, path, finished
        self._target_duration_s = target_duration_s
        self._texts: list[TextTrack] = []
        self._images: list[ImageTrack] = []
        self._posters: list[str] = []
        self._segments: dict[str, int] = {}

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

    def add_posters(self, candidates: Iterable[bytes]) -> None:
        """Take the pictures that an editor may choose a poster from."""
        for content in candidates:
            self._posters.append(f"posters/{len(self._posters) + 1}.jpg")
            self._send(self._posters[-1], content)

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
            posters=tuple(self._posters),
        )
        if self._finished:
            index = join(self._finished, index)
        # First what the index names, then the index, from which a later attempt goes on if this one ends here; then
        # what players are told. The file that they begin with is last.
        self._sender.settle()
        self._send("index.json", format_index(index).encode())
        self._sender.settle()
        self._send("manifest.mpd", format_manifest(index).encode())
        for images in index.images:
            self._send(f"{images.name}.vtt", format_storyboard(images, duration_s=index.duration_s).encode())
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
        self._sender.send(f"{self._path}/{name}", content)
