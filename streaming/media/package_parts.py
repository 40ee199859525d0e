"""What a package consists of by name and by size: what is there already, what it may become, and both together."""

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction
from math import ceil

from streaming.media.hls_package import build_playlists
from streaming.media.package_index import FIRST_HEADER, MediaTrack, PackageIndex
from streaming.media.package_plan import PackagingPlan, Phase
from streaming.media.segmenter import TIMELINE_START_S

# Playlists, headers, fragments' own bytes and small pictures, by the rule of thumb and with room to spare.
_ADDED_SHARE, _ADDED_BYTES = Fraction(1, 20), 16 * 1024 * 1024
# The plan copies none that has more.
_COPIED_AUDIO_BPS = 400_000


def media_files(index: PackageIndex) -> frozenset[str]:
    """Return the names of the files that playlists lead to."""
    names = {
        f"{track.name}/{name}"
        for track in index.media()
        for name in (*_headers(track), *(f"{number}.m4s" for number in range(1, len(track.segments) + 1)))
    }
    names |= {f"{text.name}/{number}.vtt" for text in index.texts for number in range(1, len(text.files) + 1)}
    names |= {f"{images.name}/{number}.jpg" for images in index.images for number in range(1, images.sheets + 1)}
    return frozenset((*names, *index.posters))


def _headers(track: MediaTrack) -> tuple[str, ...]:
    return FIRST_HEADER, *(change.name for change in track.headers)


def all_files(index: PackageIndex) -> frozenset[str]:
    """Return the names of all files of a whole package."""
    boards = (f"{images.name}.vtt" for images in index.images)
    return media_files(index) | {"index.json", "manifest.mpd", *build_playlists(index), *boards}


def size_of(index: PackageIndex) -> int:
    """Return how many bytes its media have, headers and playlists not counted."""
    texts = sum(file.size for text in index.texts for file in text.files)
    return sum(track.size_bytes for track in index.media()) + texts + sum(images.size_bytes for images in index.images)


def join(earlier: PackageIndex, later: PackageIndex) -> PackageIndex:
    """Return a package with the tracks of two attempts at it."""
    return replace(
        later,
        video=earlier.video + later.video,
        audio=earlier.audio + later.audio,
        texts=earlier.texts + later.texts,
        images=earlier.images + later.images,
        posters=earlier.posters + later.posters,
    )


def is_made(plan: PackagingPlan, phase: Phase, index: PackageIndex) -> bool:
    """Tell whether an index has all that a phase makes, but for texts, which may turn out to have no cues."""
    texts = {text.name for text in plan.texts}
    made = {track.name for track in index.media()}
    return {*phase.tracks} - texts <= made and (not phase.makes_stills or bool(index.images))


def segment_starts(index: PackageIndex) -> list[Fraction]:
    """Return where the segments of the first rung begin, in seconds of the film; other rungs must agree."""
    if not index.video:
        return []
    track = index.video[0]
    starts, ticks = [], track.start
    for segment in track.segments:
        starts.append(Fraction(ticks, track.timescale) - TIMELINE_START_S)
        ticks += segment.duration
    return starts


def most_bytes(plan: PackagingPlan, *, source_bytes: int, made: Collection[str] = ()) -> int:
    """Return how large a package can become: what encoders may not exceed, and for a copied picture the source itself.

    `made` are the names of tracks that are there already.
    """
    video = [track for track in plan.video if track.name not in made]
    audio = [track for track in plan.audio if track.name not in made]
    bits = sum((plan.duration_s * track.rendition.bitrate_bps for track in video if not track.is_copy), Fraction(0))
    bits += sum(track.rendition.buffer_bits for track in video if not track.is_copy)
    bits += sum(plan.duration_s * (_COPIED_AUDIO_BPS if track.is_copy else track.bitrate_bps) for track in audio)
    copied = source_bytes if any(track.is_copy for track in video) else 0
    return ceil((bits / 8 + copied) * (1 + _ADDED_SHARE)) + _ADDED_BYTES
