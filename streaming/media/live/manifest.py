"""The DASH manifest of a live stream (ISO/IEC 23009-1), of the same segments that HLS names.

Each run of the encoder is a Period. Periods begin by the clock, so that the live edge is where the clock says; what a
broadcaster's network swallowed in between is a gap that players jump over. Only whole segments are listed.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from streaming.media.dash import (
    NAMESPACE,
    PROFILES,
    Place,
    add_period,
    fill_timeline,
    format_document,
    format_duration,
    place_tracks,
)
from streaming.media.errors import TimelineViolation
from streaming.media.live.described import build_index
from streaming.media.live.listing import ListedSegment, clock_of, format_clock
from streaming.media.live.ready import Epoch
from streaming.media.live.window import LiveWindow
from streaming.media.package_index import PackageIndex

_CLOCK = "urn:mpeg:dash:utc:http-iso:2014"
# In segments: where players want to be, and between which limits they hurry or dawdle to get there.
_TARGET_SEGMENTS, _LEAST_SEGMENTS, _MOST_SEGMENTS = Fraction(2), Fraction(3, 2), Fraction(5)
_SLOWEST, _FASTEST = "0.96", "1.04"
# In segments: how long players may not know of one that is there. With a whole one, those who ask just before it is
# there have only what is left of their two when they learn of it.
_UNKNOWN_FOR_SEGMENTS = Fraction(1, 2)
_MILLI = 1000


class _Period(NamedTuple):
    """A run of the encoder as far as it is listed: the segments of each track by its name."""

    epoch: Epoch
    segments: dict[str, list[ListedSegment]]

    def place(self, name: str, timescale: int) -> Place:
        """Return where a track goes on with this run."""
        first = self.segments[name][0]
        return Place(round(self.epoch.start_s * timescale), first.msn, first.init_uri)


def format_live_manifest(window: LiveWindow, *, clock_url: str) -> str:
    """Write `manifest.mpd`. `clock_url` answers with the time of the day (D03); other addresses are relative.

    It is the same for the same window. An ended stream is `static`.

    Raises:
        TimelineViolation: there is no whole segment yet.
    """
    periods = list(_periods(window))
    if not periods or window.first_epoch is None:
        raise TimelineViolation("a stream without a segment has no manifest")
    if window.is_ended:
        # Players begin an ended stream at zero, where the oldest segment is to be.
        periods[0] = _from_its_first_segment(window, periods[0])
    began_s = periods[0].epoch.clock_s if window.is_ended else window.first_epoch.clock_s
    manifest = ET.Element("MPD", {"xmlns": NAMESPACE, "profiles": PROFILES} | _attributes(window, periods, began_s))
    service = ET.SubElement(manifest, "ServiceDescription", {"id": "0"})
    ET.SubElement(service, "Latency", _latencies(window.timing.segment_s))
    ET.SubElement(service, "PlaybackRate", {"min": _SLOWEST, "max": _FASTEST})
    index = build_index(window.outputs, window.timing, window.described, is_whole=False)
    for period in periods:
        begin = {"id": str(period.epoch.number), "start": format_duration(period.epoch.clock_s - began_s)}
        if period is not periods[-1]:
            begin["duration"] = format_duration(_end_s(window, period) - period.epoch.start_s)
        _complete(add_period(manifest, index, begin), period, index)
    if not window.is_ended:
        ET.SubElement(manifest, "UTCTiming", {"schemeIdUri": _CLOCK, "value": clock_url})
    return format_document(manifest)


def _periods(window: LiveWindow) -> Iterator[_Period]:
    """Group the whole segments by the run that they are of."""
    tracks = {
        name: {run: list(segments) for run, segments in groupby(track.segments, lambda segment: segment.epoch.number)}
        for name, track in window.tracks.items()
    }
    for run, segments in tracks[window.leader.name].items():
        yield _Period(segments[0].epoch, {name: runs[run] for name, runs in tracks.items()})


def _from_its_first_segment(window: LiveWindow, period: _Period) -> _Period:
    start_s = period.segments[window.leader.name][0].start_s
    epoch = replace(period.epoch, start_s=start_s, clock_s=clock_of(period.epoch, start_s))
    return period._replace(epoch=epoch)


def _end_s(window: LiveWindow, period: _Period) -> Fraction:
    return period.segments[window.leader.name][-1].end_s


def _attributes(window: LiveWindow, periods: list[_Period], began_s: Fraction) -> dict[str, str]:
    last = periods[-1]
    end_clock_s = clock_of(last.epoch, _end_s(window, last))
    segment_s = window.timing.segment_s
    found = {
        "availabilityStartTime": format_clock(began_s),
        "publishTime": format_clock(end_clock_s),
        "minBufferTime": format_duration(segment_s),
        "maxSegmentDuration": format_duration(Fraction(window.timing.target_duration_s) + Fraction(1, 2)),
    }
    if window.is_ended:
        return found | {"type": "static", "mediaPresentationDuration": format_duration(end_clock_s - began_s)}
    return found | {
        "type": "dynamic",
        "minimumUpdatePeriod": format_duration(_UNKNOWN_FOR_SEGMENTS * segment_s),
        "timeShiftBufferDepth": format_duration(Fraction(window.dvr_s)),
        "suggestedPresentationDelay": format_duration(_TARGET_SEGMENTS * segment_s),
    }


def _latencies(segment_s: Fraction) -> dict[str, str]:
    """Return how far behind the live edge players are to be (annex K), in milliseconds."""
    figures = {"target": _TARGET_SEGMENTS, "min": _LEAST_SEGMENTS, "max": _MOST_SEGMENTS}
    return {name: str(round(segments * segment_s * _MILLI)) for name, segments in figures.items()}


def _complete(period: ET.Element, shown: _Period, index: PackageIndex) -> None:
    """Say of each track where it goes on, and what it may not exceed."""
    tracks = {track.name: track for track in index.media()}
    place_tracks(period, {name: shown.place(name, track.timescale) for name, track in tracks.items()})
    for representation in period.iter("Representation"):
        name = representation.get("id", "")
        if ceiling_bps := tracks[name].ceiling_bps:
            representation.set("bandwidth", str(ceiling_bps))
        listed = shown.segments[name]
        fill_timeline(representation, listed[0].start, [segment.duration for segment in listed])
