"""The DASH manifest of a package, from its index (ISO/IEC 23009-1).

There is none while a package grows. A manifest that changes is of the type `dynamic`: players take it for a live
stream, begin near its end and ask for segments by the clock on the wall, which a film that is being encoded does not
follow. HLS has a playlist for this (EVENT); those who watch early watch HLS.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from math import ceil
from typing import NamedTuple, TypeVar

from streaming.media.bandwidth import average_bps, peak_bps
from streaming.media.errors import IndexViolation
from streaming.media.package_index import (
    AudioRole,
    AudioTrack,
    ImageTrack,
    MediaTrack,
    PackageIndex,
    TextKind,
    TextTrack,
    VideoTrack,
)
from streaming.media.sample_entries import VideoRange
from streaming.media.segmenter import TIMELINE_START_S

NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
PROFILES = "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019"
_ROLE = "urn:mpeg:dash:role:2011"
_CHANNELS = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
# The scheme counts layouts, not channels: 7 is 7.1 (ISO/IEC 23003-3, table 68).
_LAYOUTS = {**{count: count for count in range(1, 7)}, 8: 7}
_PURPOSE = "urn:tva:metadata:cs:AudioPurposeCS:2007"
_FOR_THE_BLIND = "1"
_TRANSFER = "urn:mpeg:mpegB:cicp:TransferCharacteristics"
_TRANSFERS = {VideoRange.PQ: "16", VideoRange.HLG: "18"}
_TILES = "http://dashif.org/guidelines/thumbnail_tile"
_MILLI, _MICRO = 1000, 1_000_000
_Track = TypeVar("_Track", VideoTrack, AudioTrack)


def format_manifest(index: PackageIndex) -> str:
    """Write `manifest.mpd`. All addresses are relative to it.

    Raises:
        IndexViolation: the package still grows.
    """
    if not index.is_whole:
        raise IndexViolation("a package that grows has no DASH manifest")
    manifest = ET.Element(
        "MPD",
        {
            "xmlns": NAMESPACE,
            "profiles": PROFILES,
            "type": "static",
            "mediaPresentationDuration": format_duration(index.duration_s),
            "minBufferTime": format_duration(Fraction(index.target_duration_s)),
        },
    )
    numbers = [1, *index.header_numbers()]
    if len(numbers) == 1:
        add_period(manifest, index, {"id": "0", "start": "PT0S"})
    else:
        for first, after in zip(numbers, [*numbers[1:], None], strict=True):
            _add_part(manifest, index, first, after)
    return format_document(manifest)


def _add_part(manifest: ET.Element, index: PackageIndex, first: int, after: int | None) -> None:
    """Add the segments from one number to another as a Period: in it, a track has one header (5.3.9.5).

    Texts and images stand in the first of them.
    """
    part = replace(
        index,
        video=tuple(_cut(track, first, after) for track in index.video),
        audio=tuple(_cut(track, first, after) for track in index.audio),
        texts=index.texts if first == 1 else (),
        images=index.images if first == 1 else (),
    )
    leader = next(part.media())
    start_s = Fraction(TIMELINE_START_S) if first == 1 else Fraction(leader.start, leader.timescale)
    begin = {"id": str(first), "start": format_duration(start_s - TIMELINE_START_S)}
    places = {
        track.name: Place(round(start_s * track.timescale), first, track.header_of(first)) for track in index.media()
    }
    place_tracks(add_period(manifest, part, begin), places)


def _cut(track: _Track, first: int, after: int | None) -> _Track:
    return replace(
        track,
        start=track.start + sum(segment.duration for segment in track.segments[: first - 1]),
        segments=track.segments[first - 1 : None if after is None else after - 1],
        headers=(),
    )


class Place(NamedTuple):
    """Where a track goes on in a Period that is not all of it.

    Attributes:
        offset: when the Period begins, on the track's timeline.
        number: that of its first segment.
    """

    offset: int
    number: int
    header: str


def place_tracks(period: ET.Element, places: Mapping[str, Place]) -> None:
    """Tell of the tracks of a Period where they go on."""
    for representation in period.iter("Representation"):
        place = places.get(representation.get("id", ""))
        template = representation.find("SegmentTemplate")
        if place is not None and template is not None:
            template.set("presentationTimeOffset", str(place.offset))
            template.set("startNumber", str(place.number))
            template.set("initialization", f"$RepresentationID$/{place.header}")


def add_period(manifest: ET.Element, index: PackageIndex, attributes: dict[str, str]) -> ET.Element:
    """Add a Period with all tracks of an index; return it."""
    period = ET.SubElement(manifest, "Period", attributes)
    for number, adaptation in enumerate(_adaptations(index)):
        adaptation.set("id", str(number))
        period.append(adaptation)
    return period


def fill_timeline(representation: ET.Element, start: int, durations: Sequence[int]) -> None:
    """Tell when the segments of a track begin that was described without them."""
    template = representation.find("SegmentTemplate")
    if template is not None:
        for empty in template.findall("SegmentTimeline"):
            template.remove(empty)
        _add_runs(template, start, durations)


def format_document(manifest: ET.Element) -> str:
    """Write a manifest as text."""
    ET.indent(manifest)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(manifest, encoding="unicode") + "\n"


def _adaptations(index: PackageIndex) -> Iterator[ET.Element]:
    for _, rungs in groupby(sorted(index.video, key=_codec_family), _codec_family):
        yield _video_adaptation(index, list(rungs))
    for track in index.audio:
        yield _audio_adaptation(index, track)
    for text in index.texts:
        yield _text_adaptation(text)
    for images in index.images:
        yield _image_adaptation(images)


def _codec_family(track: VideoTrack) -> tuple[str, VideoRange]:
    """Return what a player cannot change without a new decoder: rungs of one family are one AdaptationSet."""
    return track.codec.partition(".")[0], track.video_range


def _media_adaptation(kind: str, codec_type: str) -> ET.Element:
    return ET.Element(
        "AdaptationSet",
        {"contentType": kind, "mimeType": codec_type, "segmentAlignment": "true", "startWithSAP": "1"},
    )


def _video_adaptation(index: PackageIndex, rungs: Sequence[VideoTrack]) -> ET.Element:
    adaptation = _media_adaptation("video", "video/mp4")
    adaptation.set("maxWidth", str(max(track.width_px for track in rungs)))
    adaptation.set("maxHeight", str(max(track.height_px for track in rungs)))
    if transfer := _TRANSFERS.get(rungs[0].video_range):
        _describe(adaptation, "SupplementalProperty", _TRANSFER, transfer)
    _describe(adaptation, "Role", _ROLE, "main")
    for track in rungs:
        representation = _representation(adaptation, index, track)
        representation.set("width", str(track.width_px))
        representation.set("height", str(track.height_px))
        representation.set("frameRate", str(track.frame_rate))
        representation.set("sar", "1:1")
        _add_timeline(representation, track)
    return adaptation


def _audio_adaptation(index: PackageIndex, track: AudioTrack) -> ET.Element:
    adaptation = _media_adaptation("audio", "audio/mp4")
    _name(adaptation, track)
    if track.role is AudioRole.DESCRIPTION:
        _describe(adaptation, "Accessibility", _PURPOSE, _FOR_THE_BLIND)
    _describe(adaptation, "Role", _ROLE, _audio_role(track))
    representation = _representation(adaptation, index, track)
    representation.set("audioSamplingRate", str(track.sample_rate_hz))
    if track.channels in _LAYOUTS:
        _describe(representation, "AudioChannelConfiguration", _CHANNELS, str(_LAYOUTS[track.channels]))
    _add_timeline(representation, track)
    return adaptation


def _audio_role(track: AudioTrack) -> str:
    if track.is_default:
        return "main"
    return "commentary" if track.role is AudioRole.COMMENTARY else "alternate"


def _text_adaptation(text: TextTrack) -> ET.Element:
    adaptation = ET.Element("AdaptationSet", {"contentType": "text", "mimeType": "text/vtt"})
    _name(adaptation, text)
    spoken = "caption" if text.kind is TextKind.CAPTIONS else "subtitle"
    _describe(adaptation, "Role", _ROLE, "forced-subtitle" if text.is_forced else spoken)
    if text.is_default:
        _describe(adaptation, "Role", _ROLE, "main")
    rate = average_bps(text.files)
    representation = ET.SubElement(adaptation, "Representation", {"id": text.name, "bandwidth": str(rate)})
    if len(text.files) == 1:
        ET.SubElement(representation, "BaseURL").text = f"{text.name}/1.vtt"
        return adaptation
    template = ET.SubElement(
        representation,
        "SegmentTemplate",
        {"timescale": str(_MILLI), "startNumber": "1", "media": "$RepresentationID$/$Number$.vtt"},
    )
    _add_runs(template, 0, [round(file.duration_s * _MILLI) for file in text.files])
    return adaptation


def _image_adaptation(images: ImageTrack) -> ET.Element:
    adaptation = ET.Element("AdaptationSet", {"contentType": "image", "mimeType": "image/jpeg"})
    rate = ceil(images.size_bytes * 8 / (images.sheet_s * images.sheets))
    representation = ET.SubElement(
        adaptation,
        "Representation",
        {
            "id": images.name,
            "bandwidth": str(rate),
            "width": str(images.width_px * images.columns),
            "height": str(images.height_px * images.rows),
        },
    )
    _describe(representation, "EssentialProperty", _TILES, f"{images.columns}x{images.rows}")
    ET.SubElement(
        representation,
        "SegmentTemplate",
        {
            "timescale": str(images.sheet_s.denominator),
            "duration": str(images.sheet_s.numerator),
            "startNumber": "1",
            "media": "$RepresentationID$/$Number$.jpg",
        },
    )
    return adaptation


def _name(adaptation: ET.Element, track: AudioTrack | TextTrack) -> None:
    """Say language and label; the schema wants the label before accessibility and role."""
    if track.language:
        adaptation.set("lang", track.language)
    ET.SubElement(adaptation, "Label").text = track.label


def _describe(parent: ET.Element, element: str, scheme: str, value: str) -> None:
    ET.SubElement(parent, element, {"schemeIdUri": scheme, "value": value})


def _representation(adaptation: ET.Element, index: PackageIndex, track: MediaTrack) -> ET.Element:
    rate = peak_bps(track.lengths(), target_duration_s=index.target_duration_s)
    attributes = {"id": track.name, "bandwidth": str(rate), "codecs": track.codec}
    return ET.SubElement(adaptation, "Representation", attributes)


def _add_timeline(representation: ET.Element, track: MediaTrack) -> None:
    """Say when each segment begins: on the timeline of the files, of which the film's first second is subtracted."""
    template = ET.SubElement(
        representation,
        "SegmentTemplate",
        {
            "timescale": str(track.timescale),
            "presentationTimeOffset": str(TIMELINE_START_S * track.timescale),
            "startNumber": "1",
            "initialization": f"$RepresentationID$/{track.header_of(1)}",
            "media": "$RepresentationID$/$Number$.m4s",
        },
    )
    _add_runs(template, track.start, [segment.duration for segment in track.segments])


def _add_runs(template: ET.Element, start: int, durations: Sequence[int]) -> None:
    """Write a SegmentTimeline; segments of the same length are one element (5.3.9.6)."""
    timeline = ET.SubElement(template, "SegmentTimeline")
    for duration, run in groupby(durations):
        entry = ET.SubElement(timeline, "S", {} if len(timeline) else {"t": str(start)})
        entry.set("d", str(duration))
        if repeats := len(list(run)) - 1:
            entry.set("r", str(repeats))


def format_duration(seconds: Fraction) -> str:
    """Write a length of time as XML Schema has it, rounded up so that nothing at the end is cut off."""
    whole, part = divmod(ceil(seconds * _MICRO), _MICRO)
    return f"PT{whole}.{part:06d}S" if part else f"PT{whole}S"
