"""The DASH manifest of a live stream."""

from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from streaming.media.errors import TimelineViolation
from streaming.media.live.manifest import format_live_manifest
from tests.streaming.media.live.showing import Shown

NS = {"": "urn:mpeg:dash:schema:mpd:2011"}


def manifest(shown: Shown) -> Element:
    root: Element = fromstring(format_live_manifest(shown.window, clock_url="/clock"))
    return root


def templates(root: Element, name: str) -> list[Element]:
    return root.findall(f".//Representation[@id='{name}']/SegmentTemplate", NS)


def timeline(template: Element) -> list[dict[str, str]]:
    return [entry.attrib for entry in template.findall("SegmentTimeline/S", NS)]


def test_a_stream_is_dynamic_and_says_where_the_clock_is() -> None:
    root = manifest(Shown().run(8.5))
    assert {name: root.get(name) for name in ("type", "availabilityStartTime", "minimumUpdatePeriod")} == {
        "type": "dynamic",
        "availabilityStartTime": "2027-01-15T08:00:00.000Z",
        "minimumUpdatePeriod": "PT1S",
    }
    assert root.get("publishTime") == "2027-01-15T08:00:08.000Z"
    clock = root.find("UTCTiming", NS)
    assert clock is not None
    assert clock.attrib == {"schemeIdUri": "urn:mpeg:dash:utc:http-iso:2014", "value": "/clock"}


def test_only_whole_segments_are_listed() -> None:
    (picture,) = templates(manifest(Shown().run(8.5)), "video-720")
    assert timeline(picture) == [{"t": "153600", "d": "30720", "r": "3"}]
    assert (picture.get("presentationTimeOffset"), picture.get("startNumber")) == ("153600", "1")


def test_numbers_go_on_when_segments_leave_the_window() -> None:
    root = manifest(Shown(dvr_s=20).run(40.5))
    (picture,) = templates(root, "video-720")
    assert (picture.get("startNumber"), timeline(picture)[0]["t"]) == ("11", str(153600 + 10 * 30720))
    assert root.get("timeShiftBufferDepth") == "PT20S"
    assert [period.get("start") for period in root.findall("Period", NS)] == ["PT0S"]


def test_each_run_of_the_encoder_is_a_period_that_begins_by_the_clock() -> None:
    root = manifest(Shown().run(5).run(4.5).run(4.5))
    periods = [period.attrib for period in root.findall("Period", NS)]
    assert periods == [
        {"id": "1", "start": "PT0S", "duration": "PT5S"},
        {"id": "2", "start": "PT20S", "duration": "PT4.500000S"},
        {"id": "3", "start": "PT40S"},
    ]
    _, second, third = templates(root, "video-480")
    assert [(one.get("startNumber"), one.get("presentationTimeOffset")) for one in (second, third)] == [
        ("4", str(15 * 15360)),
        ("7", str(15360 * 39 // 2)),
    ]


def test_a_period_that_has_left_the_window_is_not_told() -> None:
    root = manifest(Shown(dvr_s=12).run(5).run(30.5))
    assert [period.attrib for period in root.findall("Period", NS)] == [{"id": "2", "start": "PT20S"}]
    assert root.get("availabilityStartTime") == "2027-01-15T08:00:00.000Z"


def test_rates_are_those_that_the_encoder_may_not_exceed() -> None:
    rates = {found.get("id"): found.get("bandwidth") for found in manifest(Shown().run(4.5)).iter() if found.get("id")}
    assert rates["video-720"] == "5000000"
    assert rates["audio-und"] == "140000"


def test_an_ended_stream_is_static() -> None:
    root = manifest(Shown().run(5).run(4.5).end())
    assert (root.get("type"), root.get("mediaPresentationDuration")) == ("static", "PT24.500000S")
    assert root.get("minimumUpdatePeriod") is None
    assert root.find("UTCTiming", NS) is None


def test_an_ended_stream_begins_with_the_oldest_segment_that_is_left() -> None:
    root = manifest(Shown(dvr_s=12).run(30).run(4.5).end())
    assert [period.get("start") for period in root.findall("Period", NS)] == ["PT0S", "PT8S"]
    first, second = templates(root, "video-720")
    assert (first.get("presentationTimeOffset"), timeline(first)[0]["t"]) == (str(32 * 15360), str(32 * 15360))
    assert second.get("presentationTimeOffset") == str(40 * 15360)
    assert root.get("mediaPresentationDuration") == "PT12.500000S"


def test_a_manifest_is_the_same_for_the_same_window() -> None:
    shown = Shown().run(5)
    assert format_live_manifest(shown.window, clock_url="/clock") == format_live_manifest(
        shown.window, clock_url="/clock"
    )


def test_there_is_no_manifest_before_the_first_segment() -> None:
    with pytest.raises(TimelineViolation, match="without a segment"):
        manifest(Shown().run(1))
