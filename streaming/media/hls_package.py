"""HLS playlists of a package, from its index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from streaming.media.bandwidth import average_bps, peak_bps
from streaming.media.hls import (
    ByteRange,
    MediaPlaylist,
    MediaSegment,
    MediaType,
    MultivariantPlaylist,
    PlaylistType,
    Rendition,
    Variant,
)
from streaming.media.package_index import (
    AudioRole,
    AudioTrack,
    MediaTrack,
    PackageIndex,
    TextKind,
    TextTrack,
    VideoTrack,
    round_half_up,
)

_TEXT_GROUP = "texts"
_FOR_THE_DEAF = "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"
_FOR_THE_BLIND = "public.accessibility.describes-video"


def build_playlists(index: PackageIndex) -> dict[str, str]:
    """Return all playlists of a package by their names, which are paths relative to it.

    Raises:
        PlaylistViolation: a text of the index cannot stand in a playlist.
    """
    files = {"master.m3u8": str(build_multivariant(index))}
    for track in index.media():
        files[f"{track.name}/index.m3u8"] = str(build_media_playlist(index, track))
    for track in _trickable(index):
        files[f"{track.name}/iframes.m3u8"] = str(build_key_frame_playlist(index, track))
    for text in index.texts:
        files[f"{text.name}/index.m3u8"] = str(_build_text_playlist(index, text))
    return files


def build_media_playlist(index: PackageIndex, track: MediaTrack) -> MediaPlaylist:
    """Return the playlist of one track: EVENT while the package grows, VOD when it is whole."""
    headers = _later_headers(track)
    segments = [
        MediaSegment(uri=f"{number}.m4s", duration_s=length_s, map_uri=headers.get(number))
        for number, (length_s, _) in enumerate(track.lengths(), 1)
    ]
    return _media_playlist(index, segments, map_uri=track.header_of(1))


def _later_headers(track: MediaTrack) -> dict[int, str]:
    return {change.number: change.name for change in track.headers if change.number > 1}


def build_key_frame_playlist(index: PackageIndex, track: VideoTrack) -> MediaPlaylist:
    """Return the playlist for fast winding: the first picture of each segment, as a range of its file."""
    headers = _later_headers(track)
    segments = [
        MediaSegment(
            uri=f"{number}.m4s",
            duration_s=length_s,
            byte_range=ByteRange(length=segment.key_end, offset=0),
            map_uri=headers.get(number),
        )
        for number, (segment, (length_s, _)) in enumerate(zip(track.segments, track.lengths(), strict=True), 1)
    ]
    return _media_playlist(index, segments, map_uri=track.header_of(1), is_of_key_frames=True)


def _build_text_playlist(index: PackageIndex, text: TextTrack) -> MediaPlaylist:
    segments = [
        MediaSegment(uri=f"{number}.vtt", duration_s=file.duration_s) for number, file in enumerate(text.files, 1)
    ]
    return _media_playlist(index, segments)


def _media_playlist(
    index: PackageIndex, segments: Sequence[MediaSegment], *, map_uri: str | None = None, is_of_key_frames: bool = False
) -> MediaPlaylist:
    # One file of text may cover a whole film.
    longest = max((round_half_up(segment.duration_s) for segment in segments), default=0)
    return MediaPlaylist(
        target_duration_s=max(index.target_duration_s, longest),
        segments=tuple(segments),
        map_uri=map_uri,
        playlist_type=PlaylistType.VOD if index.is_whole else PlaylistType.EVENT,
        is_ended=index.is_whole,
        is_of_key_frames=is_of_key_frames,
    )


def build_multivariant(index: PackageIndex) -> MultivariantPlaylist:
    """Return what a player opens first: each rung with each group of sound."""
    groups = _audio_groups(index)
    renditions = [rendition for group in groups.values() for rendition in _audio_renditions(group)]
    renditions += _text_renditions(index.texts)
    return MultivariantPlaylist(
        renditions=tuple(renditions),
        variants=(*_variants(index, groups), *(_key_frame_variant(index, track) for track in _trickable(index))),
        # A playlist that may grow is taken for a live stream, which players join at its end.
        start_s=None if index.is_whole else 0,
    )


def _trickable(index: PackageIndex) -> list[VideoTrack]:
    return [track for track in index.video if track.has_key_frames]


@dataclass(frozen=True, slots=True, kw_only=True)
class _AudioGroup:
    """Sound that a player may choose from without changing its decoder: one codec and number of channels."""

    name: str
    tracks: tuple[AudioTrack, ...]
    peak_bps: int
    average_bps: int

    @property
    def codecs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(track.codec for track in self.tracks))

    @property
    def default(self) -> AudioTrack:
        return next((track for track in self.tracks if track.is_default), self.tracks[0])


def _audio_groups(index: PackageIndex) -> Mapping[str, _AudioGroup]:
    found: dict[str, list[AudioTrack]] = {}
    for track in index.audio:
        found.setdefault(f"{track.codec.partition('.')[0]}-{track.channels}", []).append(track)
    return {
        name: _AudioGroup(
            name=name,
            tracks=tuple(tracks),
            peak_bps=max(told_peak_bps(index, track) for track in tracks),
            average_bps=max(average_bps(track.lengths()) for track in tracks),
        )
        for name, tracks in found.items()
    }


def _audio_renditions(group: _AudioGroup) -> list[Rendition]:
    """Write a group: one default, and of tracks that differ in nothing but their names the first is chosen alone."""
    default = group.default
    names, selected = _Names(), set()
    renditions = []
    for track in group.tracks:
        traits = (track.language, track.role is AudioRole.DESCRIPTION)
        is_autoselect = track is default or (track.role is not AudioRole.COMMENTARY and traits not in selected)
        selected.add(traits)
        renditions.append(
            Rendition(
                media_type=MediaType.AUDIO,
                group_id=group.name,
                name=names.distinct(track.label),
                uri=f"{track.name}/index.m3u8",
                language=track.language,
                is_default=track is default,
                is_autoselect=is_autoselect,
                channels=str(track.channels),
                characteristics=_FOR_THE_BLIND if track.role is AudioRole.DESCRIPTION else None,
            )
        )
    return renditions


def _text_renditions(texts: Sequence[TextTrack]) -> list[Rendition]:
    default = next((text for text in texts if text.is_default and not text.is_forced), None)
    names, selected = _Names(), set()
    renditions = []
    for text in texts:
        traits = (text.language, text.kind, text.is_forced)
        renditions.append(
            Rendition(
                media_type=MediaType.SUBTITLES,
                group_id=_TEXT_GROUP,
                name=names.distinct(text.label),
                uri=f"{text.name}/index.m3u8",
                language=text.language,
                is_default=text is default,
                is_autoselect=text is default or traits not in selected,
                is_forced=text.is_forced,
                characteristics=_FOR_THE_DEAF if text.kind is TextKind.CAPTIONS else None,
            )
        )
        selected.add(traits)
    return renditions


class _Names:
    """Makes the names of a group differ, as they must (RFC 8216bis, 4.4.6.1.1)."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def distinct(self, label: str) -> str:
        name, count = label, 1
        while name in self._taken:
            count += 1
            name = f"{label} ({count})"
        self._taken.add(name)
        return name


def _variants(index: PackageIndex, groups: Mapping[str, _AudioGroup]) -> list[Variant]:
    if not index.video:
        return [_sound_variant(index, group) for group in groups.values()]
    combined: list[_AudioGroup | None] = list(groups.values()) or [None]
    return [_variant(index, track, group) for group in combined for track in index.video]


def _variant(index: PackageIndex, track: VideoTrack, group: _AudioGroup | None) -> Variant:
    """Describe a rung with a group of sound: both together must fit into the bandwidth that is told."""
    peak, average = told_peak_bps(index, track), average_bps(track.lengths())
    if group:
        peak += group.peak_bps
        average += group.average_bps
    return Variant(
        uri=f"{track.name}/index.m3u8",
        bandwidth_bps=peak,
        average_bandwidth_bps=min(average, peak),
        codecs=(track.codec, *(group.codecs if group else ())),
        resolution=(track.width_px, track.height_px),
        frame_rate=format_frame_rate(track.frame_rate),
        video_range=track.video_range,
        audio=group.name if group else None,
        subtitles=_TEXT_GROUP if index.texts else None,
    )


def _sound_variant(index: PackageIndex, group: _AudioGroup) -> Variant:
    return Variant(
        uri=f"{group.default.name}/index.m3u8",
        bandwidth_bps=group.peak_bps,
        average_bandwidth_bps=group.average_bps,
        codecs=group.codecs,
        audio=group.name,
        subtitles=_TEXT_GROUP if index.texts else None,
    )


def _key_frame_variant(index: PackageIndex, track: VideoTrack) -> Variant:
    lengths = [
        (length_s, segment.key_end) for segment, (length_s, _) in zip(track.segments, track.lengths(), strict=True)
    ]
    return Variant(
        uri=f"{track.name}/iframes.m3u8",
        bandwidth_bps=peak_bps(lengths, target_duration_s=index.target_duration_s),
        average_bandwidth_bps=average_bps(lengths),
        codecs=(track.codec,),
        resolution=(track.width_px, track.height_px),
        video_range=track.video_range,
        is_of_key_frames=True,
    )


def told_peak_bps(index: PackageIndex, track: MediaTrack) -> int:
    """Return the peak as measured, or, while the package grows, what it will not exceed."""
    measured = peak_bps(track.lengths(), target_duration_s=index.target_duration_s)
    return measured if index.is_whole else max(measured, track.ceiling_bps or 0)


def format_frame_rate(rate: Fraction) -> str:
    """Write frames a second with three decimals (RFC 8216bis, 4.4.6.2)."""
    thousandths = round(rate * 1000)
    return f"{thousandths // 1000}.{thousandths % 1000:03d}"
