"""A pipe's bytes in any slices."""

from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.boxes import SampleDefaults, box, full_box, pack
from streaming.media.errors import BoxViolation
from streaming.media.fragments import Fragment, FragmentReader
from streaming.media.sample_entries import Picture, Sound, VideoRange
from streaming.media.samples import Sample, format_chunk
from streaming.media.tracks import Track, format_init
from tests.streaming.media.clips import Clip, make_source, probe, tracks_of
from tests.streaming.media.making import AVC, make_track

SAMPLES = (Sample(10, 3, True, 0), Sample(10, 2, False, 20), Sample(10, 4, False, -10))
PAYLOAD = b"abcdefghi"


def chunk(at: int = 0, *, sequence: int = 1) -> bytes:
    return format_chunk(sequence=sequence, decode_time=at, samples=SAMPLES, payload=[PAYLOAD])


def read(stream: bytes, *, slice_bytes: int = 1 << 20) -> list[Track | Fragment]:
    """Feed a whole pipe."""
    reader = FragmentReader()
    found: list[Track | Fragment] = []
    for at in range(0, len(stream), slice_bytes):
        found += reader.feed(stream[at : at + slice_bytes])
    reader.finish()
    return found


@pytest.mark.parametrize("slice_bytes", [1, 7, 1000, 1 << 20])
def test_slices_of_any_length_give_the_same(slice_bytes: int) -> None:
    stream = format_init(make_track()) + chunk() + chunk(30, sequence=2)
    track, first, second = read(stream, slice_bytes=slice_bytes)
    assert isinstance(track, Track)
    assert (track.timescale, track.media) == (12800, AVC)
    assert first == Fragment(decode_time=0, samples=SAMPLES, payload=PAYLOAD)
    assert second == Fragment(decode_time=30, samples=SAMPLES, payload=PAYLOAD)


def test_what_players_may_skip_is_skipped() -> None:
    found = read(box("free", bytes(9)) + format_init(make_track()) + box("styp", b"msdh", bytes(4)) + chunk())
    assert len(found) == 2


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (chunk(), "out of order"),
        (format_init(make_track()) * 2, "second moov"),
        (format_init(make_track()) + box("mdat", b"x"), "without its moof"),
        (box("html", bytes(40)), "no place here"),
        (b"#EXTM3U\n#EXT-X-VERSION:7\n", "no place here"),
        (b"\0\0\0\x04moov", "4 bytes long"),
        (b"\0\0\0\0mdat", "0 bytes long"),
        (b"\0\0\0\x01mdat" + (1 << 40).to_bytes(8), "exceeds"),
        (b"\x7f\xff\xff\xffmoov", "exceeds"),
        (format_init(make_track()) + chunk()[:-1], "in the middle"),
        (b"", "no track"),
    ],
)
def test_what_is_no_track_is_refused(stream: bytes, words: str) -> None:
    with pytest.raises(BoxViolation, match=words):
        read(stream)


def test_a_box_that_is_too_long_is_refused_before_its_bytes_come() -> None:
    reader = FragmentReader(most_bytes=1000)
    reader.feed(format_init(make_track()))
    with pytest.raises(BoxViolation, match="exceeds 1000"):
        reader.feed(chunk()[: -len(PAYLOAD) - 8] + b"\0\0\x10\0mdat")


def test_samples_outside_of_the_data_are_refused() -> None:
    stream = bytearray(format_init(make_track()) + chunk())
    at = stream.index(b"mdat") - 4
    stream[at : at + 4] = (8 + len(PAYLOAD) - 1).to_bytes(4)
    with pytest.raises(BoxViolation, match="outside"):
        read(bytes(stream[:-1]))


def test_a_run_that_claims_too_many_samples_is_refused() -> None:
    run = full_box("trun", 0, 0, pack("I", 0xFFFFFFFF))
    head = full_box("tfhd", 0, 0x20000, pack("I", 1))
    moof = box("moof", box("traf", head, full_box("tfdt", 0, 0, pack("I", 0)), run))
    with pytest.raises(BoxViolation, match="claims 4294967295"):
        read(format_init(make_track()) + moof + box("mdat"))


def test_many_runs_cannot_claim_more_together_than_one_may() -> None:
    run = full_box("trun", 0, 0, pack("I", 60_000))
    head = full_box("tfhd", 0, 0x20000, pack("I", 1))
    moof = box("moof", box("traf", head, full_box("tfdt", 0, 0, pack("I", 0)), run, run))
    with pytest.raises(BoxViolation, match="40000 are taken"):
        read(format_init(make_track()) + moof + box("mdat"))


@given(st.binary(max_size=300))
def test_random_bytes_behind_a_header_are_fragments_or_a_named_error(tail: bytes) -> None:
    with suppress(BoxViolation):
        read(format_init(make_track()) + tail)


@given(st.data())
def test_a_damaged_stream_is_read_or_refused_by_name(data: st.DataObject) -> None:
    stream = bytearray(format_init(make_track()) + chunk())
    for _ in range(data.draw(st.integers(1, 4))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BoxViolation):
        read(bytes(stream), slice_bytes=100)


@pytest.mark.ffmpeg
@pytest.mark.parametrize(
    ("clip", "sound_codec"),
    [
        (Clip(rate="24000/1001"), "mp4a.40.2"),
        (Clip(rate="50", gop=50, b_frames=3, sound_rate=44100), "mp4a.40.2"),
        (Clip(rate="30000/1001", codec="libx265", channels=6), "mp4a.40.2"),
        (Clip(codec="libsvtav1", sound_codec="ac3", channels=6), "ac-3"),
        (Clip(sound_codec="eac3", channels=6), "ec-3"),
        (Clip(sound_codec="libopus"), "opus"),
    ],
    ids=["23.976", "50 with 44.1 kHz", "hevc with 5.1", "av1 with ac-3", "e-ac-3", "opus"],
)
def test_tracks_of_ffmpeg_are_read_to_the_last_sample(tmp_path: Path, clip: Clip, sound_codec: str) -> None:
    source = make_source(tmp_path, clip)
    # FFmpeg knows what stands in the header of AC-3 only when it has seen some of it; then it writes an edit list, too.
    more_flags = "+delay_moov" if "ac3" in clip.sound_codec else ""
    video, audio = (read(stream, slice_bytes=4099) for stream in tracks_of(source, more_flags=more_flags))
    assert isinstance(video[0], Track)
    assert isinstance(audio[0], Track)
    assert isinstance(video[0].media, Picture)
    assert (video[0].media.width_px, video[0].media.height_px) == (192, 108)
    assert video[0].media.video_range is VideoRange.SDR
    assert isinstance(audio[0].media, Sound)
    assert (audio[0].media.codec, audio[0].media.channels) == (sound_codec, clip.channels)
    assert audio[0].media.sample_rate_hz == clip.sound_rate
    for (track, *fragments), selector in ((video, "v:0"), (audio, "a:0")):
        assert isinstance(track, Track)
        expected = probe(source, "-select_streams", selector, "-show_packets", "-show_entries", "packet=size,pts_time")
        found = samples_of(fragments)
        assert sum(len(payload) for _, _, payload in found) == sum(int(p["size"]) for p in expected["packets"])
        assert [sample.size for _, sample, _ in found] == [int(packet["size"]) for packet in expected["packets"]]
        shown = [float(track.seconds(at + track.shift + sample.composition_offset)) for at, sample, _ in found]
        assert shown == pytest.approx([float(p["pts_time"]) for p in expected["packets"]], abs=1e-6)


def samples_of(found: list[Track | Fragment]) -> list[tuple[int, Sample, bytes]]:
    """Return every sample with its decode time and bytes; holds that fragments leave no hole."""
    samples, fragments = [], [item for item in found if isinstance(item, Fragment)]
    for fragment in fragments:
        at, offset = fragment.decode_time, 0
        for sample in fragment.samples:
            samples.append((at, sample, fragment.payload[offset : offset + sample.size]))
            at, offset = at + sample.duration, offset + sample.size
    ends = [f.decode_time + sum(s.duration for s in f.samples) for f in fragments]
    assert ends[:-1] == [fragment.decode_time for fragment in fragments[1:]]
    assert all(first[0] < second[0] for first, second in pairwise(samples))
    return samples


def test_defaults_of_the_header_hold_where_a_fragment_is_silent() -> None:
    head = full_box("tfhd", 0, 0x20000, pack("I", 1))
    run = full_box("trun", 0, 0x1, pack("Ii", 3, 8 + 16 + 20 + 20 + 8 + 8 + 0))
    moof = box("moof", box("traf", head, full_box("tfdt", 1, 0, pack("q", -5)), run))
    track = make_track(defaults=SampleDefaults(duration=7, size=2, flags=0x10000))
    stream = bytearray(format_init(track))
    trex = stream.index(b"trex") + 16
    stream[trex : trex + 12] = pack("3I", 7, 2, 0x10000)
    moof = moof.replace(pack("Ii", 3, 80), pack("Ii", 3, len(moof) + 8))
    _, fragment = read(bytes(stream) + moof + box("mdat", b"abcdef"))
    assert fragment == Fragment(decode_time=-5, samples=(Sample(7, 2, False, 0),) * 3, payload=b"abcdef")
