"""Checks of a package that lies in a folder. Each fails when it finds nothing to check.

They look at what players look at, the files, and take nothing from the index. Numbers H and D are those of a list of
checks for HLS and DASH servers; of each the function of its name says whether it holds, but for these:

H01: status and media type are the store's and the server's; that each name has its type is held beside the store.
H06, part targets: a film has no parts.
H07, target duration over 60 s; H08; H09: held of a package that grows, by `check_h08_h09_what_grows_keeps_its_numbers`.
H10, H12, H15: numbers of discontinuities, times of the day and windows are for streams. A film has none of the tags,
    which `check_h10_h12_h15_nothing_is_live` holds, and all of its segments at once.
H13: within a tick for sound, too. What FFmpeg or the source left open was closed by the packager.
D01: a film is `static`, and so has none of what D02 to D05 ask for.
D06: a timeline, without any deviation.
D13: the headers, too, and no file beside those that HLS names.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse as parse_xml
from PIL import Image

from streaming.media.boxes import all_boxes, children, find_box, need_box
from streaming.media.fragments import Fragment, FragmentReader
from streaming.media.hls import TIMESTAMP_MAP, MediaPlaylist, MultivariantPlaylist, PlaylistType, Variant
from streaming.media.sample_entries import Picture, Sound
from streaming.media.tracks import Track

NS = {"": "urn:mpeg:dash:schema:mpd:2011"}
BETWEEN_TRACKS_S = Fraction(40, 1000)
_CUE = re.compile(r"^([\d:.]+) --> ([\d:.]+)\n(storyboard/\d+\.jpg)#xywh=(\d+),(\d+),(\d+),(\d+)$", re.MULTILINE)


class Tracked:
    """One track as the files of it say: header, and the fragments of each segment."""

    def __init__(self, playlist_path: Path) -> None:
        folder = playlist_path.parent
        self.path = playlist_path
        self.playlist = MediaPlaylist.parse(playlist_path.read_text(encoding="utf-8"))
        assert self.playlist.map_uri, f"{playlist_path} has no init segment"
        self.init = (folder / self.playlist.map_uri).read_bytes()
        reader = FragmentReader()
        (track,) = reader.feed(self.init)
        assert isinstance(track, Track)
        self.track = track
        self.files = [(folder / segment.uri).read_bytes() for segment in self.playlist.segments]
        self.segments: list[list[Fragment]] = []
        for content in self.files:
            found = [item for item in reader.feed(content) if isinstance(item, Fragment)]
            reader.finish()
            self.segments.append(found)
        assert self.segments, f"{playlist_path} has no segment"

    @property
    def codec(self) -> str:
        return self.track.media.codec

    def starts(self) -> list[int]:
        """Return when the first frame of each segment is shown, and when the last frame of all ends."""
        firsts = [fragments[0].decode_time + fragments[0].samples[0].composition_offset for fragments in self.segments]
        last = [
            at + sample.composition_offset + sample.duration
            for fragment in self.segments[-1]
            for at, sample in zip(decode_times(fragment), fragment.samples, strict=True)
        ]
        return [*firsts, max(last)]

    def starts_s(self) -> list[Fraction]:
        return [self.track.seconds(start) for start in self.starts()[:-1]]


def decode_times(fragment: Fragment) -> Iterator[int]:
    at = fragment.decode_time
    for sample in fragment.samples:
        yield at
        at += sample.duration


def master_of(folder: Path) -> MultivariantPlaylist:
    return MultivariantPlaylist.parse((folder / "master.m3u8").read_text(encoding="utf-8"))


def media_of(folder: Path) -> Iterator[Tracked]:
    """Yield every track that the multivariant playlist names, once; at least one."""
    master = master_of(folder)
    names = [variant.uri for variant in master.variants if not variant.is_of_key_frames]
    names += [rendition.uri for rendition in master.renditions if rendition.media_type == "AUDIO"]
    assert names
    for name in dict.fromkeys(names):
        yield Tracked(folder / name)


def plain_variants(folder: Path) -> list[Variant]:
    found = [variant for variant in master_of(folder).variants if not variant.is_of_key_frames]
    assert found
    return found


def check_h01_playlists_are_text(folder: Path) -> None:
    found = list(folder.rglob("*.m3u8"))
    assert found
    for path in found:
        content = path.read_bytes()
        assert content.startswith(b"#EXTM3U\n"), path
        assert content.decode("utf-8").replace("\n", "").isprintable(), path


def check_h02_variants_say_everything(folder: Path) -> None:
    groups = {rendition.group_id for rendition in master_of(folder).renditions}
    for variant in plain_variants(folder):
        assert variant.bandwidth_bps >= variant.average_bandwidth_bps > 0
        assert all(variant.codecs)
        if isinstance(Tracked(folder / variant.uri).track.media, Picture):
            assert variant.resolution
            assert variant.frame_rate
        assert variant.audio is None or variant.audio in groups


def check_h03_codecs_are_those_of_the_headers(folder: Path) -> None:
    master = master_of(folder)
    for variant in plain_variants(folder):
        found = {Tracked(folder / variant.uri).codec}
        heard = [r for r in master.renditions if r.media_type == "AUDIO" and r.group_id == variant.audio]
        for rendition in heard:
            sound = Tracked(folder / rendition.uri)
            found.add(sound.codec)
            assert isinstance(sound.track.media, Sound)
            assert rendition.channels == str(sound.track.media.channels)
        assert found == set(variant.codecs)


def check_h04_bandwidth_and_frame_rate_are_true(folder: Path) -> None:
    """No segment is a tenth above the bandwidth, nor is the bandwidth far above all of them; so is the average."""
    for variant in plain_variants(folder):
        tracked = Tracked(folder / variant.uri)
        heard = [r for r in master_of(folder).renditions if r.media_type == "AUDIO" and r.group_id == variant.audio]
        others = [Tracked(folder / rendition.uri) for rendition in heard if rendition.uri != variant.uri]
        peak = peak_of(tracked) + max(map(peak_of, others), default=Fraction(0))
        assert peak <= variant.bandwidth_bps * Fraction(11, 10) <= peak * Fraction(13, 10)
        average = average_of(tracked) + max(map(average_of, others), default=Fraction(0))
        assert abs(variant.average_bandwidth_bps / average - 1) < Fraction(1, 10)
        if variant.frame_rate:
            assert abs(rate_of(tracked) / Fraction(variant.frame_rate) - 1) < Fraction(1, 100)


def rate_of(tracked: Tracked) -> Fraction:
    samples = [sample for fragments in tracked.segments for fragment in fragments for sample in fragment.samples]
    # The first may stand still until the film moves. It is left out, unless it is all that there is.
    counted = samples[1:] or samples
    return len(counted) / tracked.track.seconds(sum(sample.duration for sample in counted))


def peak_of(tracked: Tracked) -> Fraction:
    target = tracked.playlist.target_duration_s
    rows = list(zip(tracked.playlist.segments, tracked.files, strict=True))
    rates = [len(content) * 8 / segment.duration_s for segment, content in rows if segment.duration_s * 2 >= target]
    # A film that is shorter than that has its average.
    return max(rates, default=average_of(tracked))


def average_of(tracked: Tracked) -> Fraction:
    length_s = sum((segment.duration_s for segment in tracked.playlist.segments), Fraction(0))
    return sum(map(len, tracked.files)) * 8 / length_s


def check_h05_segments_are_independent(folder: Path) -> None:
    assert master_of(folder).is_independent
    for tracked in media_of(folder):
        for number, fragments in enumerate(tracked.segments, 1):
            first = fragments[0].samples[0]
            assert first.is_sync, f"segment {number} of {tracked.path}"
            shown = [
                at + sample.composition_offset
                for fragment in fragments
                for at, sample in zip(decode_times(fragment), fragment.samples, strict=True)
            ]
            assert min(shown) == shown[0], f"segment {number} of {tracked.path} shows something before its key frame"


def check_h06_variants_are_aligned(folder: Path) -> None:
    rungs = [Tracked(folder / variant.uri) for variant in plain_variants(folder)]
    assert len({rung.playlist.target_duration_s for rung in rungs}) == 1
    frame_s = Fraction(rungs[0].segments[0][0].samples[0].duration, rungs[0].track.timescale)
    for rung in rungs[1:]:
        pairs = zip(rung.starts_s(), rungs[0].starts_s(), strict=True)
        assert all(abs(one - other) <= frame_s for one, other in pairs), rung.path


def check_h07_no_segment_exceeds_the_target(folder: Path) -> None:
    for tracked in media_of(folder):
        target = tracked.playlist.target_duration_s
        assert all(round(segment.duration_s) <= target for segment in tracked.playlist.segments), tracked.path


def check_h08_h09_what_grows_keeps_its_numbers(earlier: str, later: str) -> None:
    """Hold one state of a playlist against another of some time later."""
    before, after = MediaPlaylist.parse(earlier), MediaPlaylist.parse(later)
    assert before.playlist_type is PlaylistType.EVENT
    assert after.first_number == before.first_number
    assert after.target_duration_s == before.target_duration_s
    assert after.segments[: len(before.segments)] == before.segments


def check_h10_h12_h15_nothing_is_live(folder: Path) -> None:
    for tracked in media_of(folder):
        text = tracked.path.read_text(encoding="utf-8")
        assert not re.search("EXT-X-(DISCONTINUITY|PROGRAM-DATE-TIME|PART|GAP|SKIP|SERVER-CONTROL)", text), tracked.path
        assert (tracked.playlist.playlist_type, tracked.playlist.is_ended) == (PlaylistType.VOD, True), tracked.path
        names = [segment.uri for segment in tracked.playlist.segments]
        assert len(set(names)) == len(names), tracked.path


def check_h11_files_are_what_they_should_be(folder: Path) -> None:
    for tracked in media_of(folder):
        assert [box.kind for box in children(memoryview(tracked.init))] == [b"ftyp", b"moov"]
        assert find_box(memoryview(tracked.init), "moov/mvex/trex") is not None
        for content in tracked.files:
            kinds = [box.kind for box in children(memoryview(content))]
            while kinds and kinds[0] in (b"styp", b"emsg", b"prft", b"sidx"):
                del kinds[0]
            assert kinds == [b"moof", b"mdat"] * (len(kinds) // 2)
            assert kinds, f"{tracked.path} has a segment without a chunk"


def check_h13_times_go_on_without_a_hole(folder: Path) -> None:
    for tracked in media_of(folder):
        due: int | None = None
        for segment, fragments in zip(tracked.playlist.segments, tracked.segments, strict=True):
            for fragment in fragments:
                assert due in (None, fragment.decode_time), f"{segment.uri} of {tracked.path}"
                due = fragment.decode_time + sum(sample.duration for sample in fragment.samples)
        starts, listed = tracked.starts(), Fraction(0)
        for segment, end in zip(tracked.playlist.segments, starts[1:], strict=True):
            listed += segment.duration_s
            shown = tracked.track.seconds(end - starts[0])
            assert abs(listed - shown) <= Fraction(1, 1_000_000), f"{segment.uri} of {tracked.path} has another length"


def check_h14_picture_and_sound_begin_together(folder: Path) -> None:
    """Segments of the same number begin within 40 ms of each other."""
    tracks = list(media_of(folder))
    for tracked in tracks[1:]:
        for one, other in zip(tracked.starts_s(), tracks[0].starts_s(), strict=False):
            assert abs(one - other) <= BETWEEN_TRACKS_S, tracked.path


def representations(folder: Path) -> list[tuple[Element, Element]]:
    """Return each representation of the manifest with its adaptation set; at least one."""
    root = parse_xml(folder / "manifest.mpd").getroot()
    found = [
        (adaptation, representation)
        for adaptation in root.findall("Period/AdaptationSet", NS)
        if adaptation.get("contentType") in ("video", "audio")
        for representation in adaptation.findall("Representation", NS)
    ]
    assert found
    return found


def check_d01_the_manifest_is_one(folder: Path) -> None:
    root = parse_xml(folder / "manifest.mpd").getroot()
    assert root.tag == "{urn:mpeg:dash:schema:mpd:2011}MPD"
    assert root.get("profiles")
    assert root.get("type") == "static"
    assert str(root.get("mediaPresentationDuration")).startswith("PT")


def check_d06_the_timeline_is_that_of_the_files(folder: Path) -> None:
    for _, representation in representations(folder):
        template = representation.find("SegmentTemplate", NS)
        assert template is not None
        name = str(representation.get("id"))
        tracked = Tracked(folder / name / "index.m3u8")
        assert template.get("timescale") == str(tracked.track.timescale)
        starts = tracked.starts()
        expected = [(start, end - start) for start, end in pairwise(starts)]
        assert list(timeline(template)) == expected


def timeline(template: Element) -> Iterator[tuple[int, int]]:
    at = 0
    for entry in template.findall("SegmentTimeline/S", NS):
        at = int(entry.get("t", at))
        for _ in range(int(entry.get("r", 0)) + 1):
            yield at, int(entry.attrib["d"])
            at += int(entry.attrib["d"])


def check_d07_picture_and_sound_are_apart(folder: Path) -> None:
    for adaptation, representation in representations(folder):
        assert (adaptation.get("segmentAlignment"), adaptation.get("startWithSAP")) == ("true", "1")
        tracked = Tracked(folder / str(representation.get("id")) / "index.m3u8")
        expected = "video" if isinstance(tracked.track.media, Picture) else "audio"
        assert adaptation.get("contentType") == expected
        assert representation.get("codecs") == tracked.codec


def check_d13_hls_and_dash_name_the_same_files(folder: Path) -> None:
    listed = {
        tracked.path.parent / segment.uri for tracked in media_of(folder) for segment in tracked.playlist.segments
    }
    named = set()
    for _, representation in representations(folder):
        template = representation.find("SegmentTemplate", NS)
        assert template is not None
        first, name = int(str(template.get("startNumber"))), str(representation.get("id"))
        head = folder / str(template.get("initialization")).replace("$RepresentationID$", name)
        assert head.read_bytes() == Tracked(folder / name / "index.m3u8").init
        for number, _ in enumerate(timeline(template), first):
            pattern = str(template.get("media")).replace("$RepresentationID$", name)
            named.add(folder / pattern.replace("$Number$", str(number)))
    assert named == listed
    assert all(path.exists() for path in named)
    assert len(named) == len(list(folder.rglob("*.m4s"))), "a file is stored that nobody plays"


def check_d14_brands_and_bases(folder: Path) -> None:
    for tracked in media_of(folder):
        init = memoryview(tracked.init)
        brands = bytes(need_box(init, "ftyp"))
        assert b"iso6" in brands
        assert b"cmf2" in brands
        assert find_box(init, "moov/trak/edts") is None
        for content in tracked.files:
            for moof in all_boxes(memoryview(content), "moof"):
                flags = int.from_bytes(need_box(moof, "traf/tfhd")[1:4])
                assert flags & 0x20000, "default-base-is-moof"
                assert not flags & 1, "base-data-offset"


def check_texts_stand_on_the_timeline(folder: Path) -> None:
    """Hold every text: all of its files are WebVTT with cues, and say where the film begins."""
    found = [rendition for rendition in master_of(folder).renditions if rendition.media_type == "SUBTITLES"]
    assert found
    for rendition in found:
        path = folder / str(rendition.uri)
        for segment in MediaPlaylist.parse(path.read_text(encoding="utf-8")).segments:
            head, stamp, *cues = (path.parent / segment.uri).read_text(encoding="utf-8").splitlines()
            assert head.startswith("WEBVTT")
            assert stamp == TIMESTAMP_MAP
            assert any("-->" in line for line in cues), f"{path} has no cue"


def check_storyboard_leads_to_pictures(folder: Path) -> None:
    """Hold each cue of the storyboard: it follows the one before, and its area lies within the sheet that it names."""
    found = _CUE.findall((folder / "storyboard.vtt").read_text(encoding="utf-8"))
    assert found
    assert found[0][0] == "00:00:00.000"
    assert all(cue[1] == following[0] for cue, following in pairwise(found))
    for _, _, sheet, *area in found:
        with Image.open(folder / sheet) as picture:
            left, top, width, height = map(int, area)
            assert left + width <= picture.width
            assert top + height <= picture.height


ALL = (
    check_h01_playlists_are_text,
    check_h02_variants_say_everything,
    check_h03_codecs_are_those_of_the_headers,
    check_h04_bandwidth_and_frame_rate_are_true,
    check_h05_segments_are_independent,
    check_h06_variants_are_aligned,
    check_h07_no_segment_exceeds_the_target,
    check_h10_h12_h15_nothing_is_live,
    check_h11_files_are_what_they_should_be,
    check_h13_times_go_on_without_a_hole,
    check_h14_picture_and_sound_begin_together,
    check_d01_the_manifest_is_one,
    check_d06_the_timeline_is_that_of_the_files,
    check_d07_picture_and_sound_are_apart,
    check_d13_hls_and_dash_name_the_same_files,
    check_d14_brands_and_bases,
)


def check_package(folder: Path) -> None:
    """Run all checks of a whole package."""
    for check in ALL:
        check(folder)
