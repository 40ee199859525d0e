"""The DASH manifest of a package."""

from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from streaming.media.dash import format_manifest
from streaming.media.errors import IndexViolation
from streaming.media.package_index import AudioRole, SegmentEntry, TextFile, TextKind
from streaming.media.sample_entries import VideoRange
from tests.streaming.media.making import make_audio, make_index, make_text, make_video

NS = {"": "urn:mpeg:dash:schema:mpd:2011"}


def manifest(**overrides: Any) -> Element:
    root: Element = fromstring(format_manifest(make_index(**overrides)))
    return root


def adaptations(kind: str, **overrides: Any) -> list[Element]:
    return manifest(**overrides).findall(f".//AdaptationSet[@contentType='{kind}']", NS)


def values(parent: Element, name: str) -> list[str | None]:
    return [element.get("value") for element in parent.findall(name, NS)]


def need(parent: Element, path: str) -> Element:
    found = parent.find(path, NS)
    assert found is not None, path
    return found


def test_a_package_is_one_static_period() -> None:
    root = manifest()
    assert root.tag == "{urn:mpeg:dash:schema:mpd:2011}MPD"
    assert (root.get("type"), root.get("mediaPresentationDuration")) == ("static", "PT10.005334S")
    assert root.get("minBufferTime") == "PT4S"
    assert "urn:mpeg:dash:profile:isoff-live:2011" in str(root.get("profiles"))
    assert len(root.findall("Period", NS)) == 1
    ids = [adaptation.get("id") for adaptation in root.findall(".//AdaptationSet", NS)]
    assert ids == ["0", "1", "2", "3", "4"]


def test_rungs_share_one_adaptation_set() -> None:
    (adaptation,) = adaptations("video")
    assert (adaptation.get("segmentAlignment"), adaptation.get("startWithSAP")) == ("true", "1")
    assert (adaptation.get("maxWidth"), adaptation.get("maxHeight")) == ("1280", "720")
    representations = adaptation.findall("Representation", NS)
    assert [(r.get("id"), r.get("bandwidth"), r.get("codecs")) for r in representations] == [
        ("video-720", "1000000", "avc1.64001f"),
        ("video-360", "200000", "avc1.4d401e"),
    ]
    assert [(r.get("width"), r.get("height"), r.get("frameRate")) for r in representations] == [
        ("1280", "720", "25"),
        ("640", "360", "25"),
    ]


def test_rungs_of_another_codec_or_range_have_their_own() -> None:
    hevc = make_video(name="hevc", codec="hvc1.2.4.L120.90", video_range=VideoRange.PQ)
    hlg = make_video(name="hlg", codec="hvc1.2.4.L120.90", video_range=VideoRange.HLG)
    found = adaptations("video", video=(make_video(), hevc, hlg))
    assert [values(adaptation, "SupplementalProperty") for adaptation in found] == [[], ["18"], ["16"]]


def test_the_timeline_is_that_of_the_files() -> None:
    (adaptation,) = adaptations("video", video=(make_video(),))
    template = need(adaptation, "Representation/SegmentTemplate")
    assert template.attrib == {
        "timescale": "12800",
        "presentationTimeOffset": "128000",
        "startNumber": "1",
        "initialization": "$RepresentationID$/init.mp4",
        "media": "$RepresentationID$/$Number$.m4s",
    }
    entries = [entry.attrib for entry in template.findall("SegmentTimeline/S", NS)]
    assert entries == [{"t": "128000", "d": "51200", "r": "1"}, {"d": "25600"}]


def test_priming_lies_before_the_beginning_of_the_period() -> None:
    template = need(adaptations("audio")[0], "Representation/SegmentTemplate")
    first = need(template, "SegmentTimeline/S")
    assert int(template.get("presentationTimeOffset", 0)) - int(first.get("t", 0)) == 1024


def test_a_long_film_of_equal_segments_is_one_line() -> None:
    video = make_video(segments=(SegmentEntry(51200, 10, 5),) * 1800)
    (adaptation,) = adaptations("video", video=(video,))
    assert [entry.get("r") for entry in adaptation.findall(".//S", NS)] == ["1799"]


def test_each_language_has_an_adaptation_set_with_its_role() -> None:
    tracks = (
        make_audio(),
        make_audio(name="b", language="de", label="Deutsch", is_default=False, role=AudioRole.ALTERNATE, channels=6),
        make_audio(name="c", label="Director", is_default=False, role=AudioRole.COMMENTARY),
        make_audio(name="d", language=None, is_default=False, role=AudioRole.DESCRIPTION, channels=8),
    )
    found = adaptations("audio", audio=tracks)
    assert [adaptation.get("lang") for adaptation in found] == ["en", "de", "en", None]
    assert [values(adaptation, "Role") for adaptation in found] == [
        ["main"],
        ["alternate"],
        ["commentary"],
        ["alternate"],
    ]
    assert [values(adaptation, "Accessibility") for adaptation in found] == [[], [], [], ["1"]]
    assert [need(adaptation, "Label").text for adaptation in found] == ["English", "Deutsch", "Director", "English"]
    channels = [values(need(adaptation, "Representation"), "AudioChannelConfiguration") for adaptation in found]
    assert channels == [["2"], ["6"], ["2"], ["7"]]


def test_a_number_of_channels_without_a_layout_is_not_told() -> None:
    (adaptation,) = adaptations("audio", audio=(make_audio(channels=24),))
    assert adaptation.find(".//AudioChannelConfiguration", NS) is None


def test_texts_have_their_roles() -> None:
    texts = (
        make_text(is_default=True),
        make_text(name="cc", kind=TextKind.CAPTIONS, language="de"),
        make_text(name="forced", is_forced=True),
    )
    found = adaptations("text", texts=texts)
    assert [values(adaptation, "Role") for adaptation in found] == [
        ["subtitle", "main"],
        ["caption"],
        ["forced-subtitle"],
    ]
    assert [adaptation.get("mimeType") for adaptation in found] == ["text/vtt"] * 3
    assert need(found[0], "Representation/BaseURL").text == "text-en/1.vtt"
    assert need(found[0], "Representation").get("bandwidth") == "1600"


def test_texts_in_several_files_have_a_timeline() -> None:
    files = (TextFile(Fraction(4), 100), TextFile(Fraction(4), 100), TextFile(Fraction(2), 100))
    (adaptation,) = adaptations("text", texts=(make_text(files=files),))
    template = need(adaptation, "Representation/SegmentTemplate")
    assert template.get("media") == "$RepresentationID$/$Number$.vtt"
    entries = [entry.attrib for entry in template.findall("SegmentTimeline/S", NS)]
    assert entries == [{"t": "0", "d": "4000", "r": "1"}, {"d": "2000"}]


def test_a_storyboard_is_a_set_of_tiles() -> None:
    (adaptation,) = adaptations("image")
    representation = need(adaptation, "Representation")
    assert (representation.get("width"), representation.get("height")) == ("640", "270")
    assert representation.get("bandwidth") == "40000"
    assert values(representation, "EssentialProperty") == ["4x3"]
    template = need(representation, "SegmentTemplate")
    assert (template.get("duration"), template.get("timescale")) == ("6", "1")
    assert template.get("media") == "$RepresentationID$/$Number$.jpg"


def test_labels_cannot_break_out_of_the_manifest() -> None:
    label = "<b>&'</Label><Period>"
    (adaptation,) = adaptations("audio", audio=(make_audio(label=label),))
    assert need(adaptation, "Label").text == label


def test_a_package_that_grows_has_no_manifest() -> None:
    with pytest.raises(IndexViolation, match="grows"):
        format_manifest(make_index(is_whole=False))


def test_labels_stand_where_the_schema_wants_them() -> None:
    kinds = [child.tag.rpartition("}")[2] for child in adaptations("audio")[0]]
    assert kinds == ["Label", "Role", "Representation"]
