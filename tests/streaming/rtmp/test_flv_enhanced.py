"""Enhanced RTMP headers field by field, aggregates, and what real encoders claim in onMetaData."""

import time

import pytest

from streaming.rtmp.amf0 import AmfValue, EcmaArray, format_amf0
from streaming.rtmp.errors import MediaUnsupported, MediaViolation
from streaming.rtmp.events import EndReason, MediaMessage, PublishEnded
from streaming.rtmp.flv import (
    AudioCodec,
    Part,
    VideoCodec,
    format_tag,
    parse_audio_tag,
    parse_video_tag,
    split_aggregate,
)
from streaming.rtmp.messages import Message, MessageType
from streaming.rtmp.metadata import StreamMetadata, parse_metadata, parse_script
from tests.streaming.rtmp.publisher import AAC_FRAME, STREAM_ID, Publisher, publishing_session

KEY_FRAME, INTER, DISPOSABLE, GENERATED_KEY, COMMAND = 1, 2, 3, 4, 5
LONGEST_MESSAGE = 8 * 1024 * 1024
OBS = EcmaArray(
    {
        "duration": 0.0,
        "fileSize": 0.0,
        "width": 1920.0,
        "height": 1080.0,
        "videocodecid": 7.0,
        "videodatarate": 6000.0,
        "framerate": 59.94,
        "audiocodecid": 10.0,
        "audiodatarate": 160.0,
        "audiosamplerate": 48000.0,
        "audiosamplesize": 16.0,
        "audiochannels": 2.0,
        "stereo": True,
        **dict.fromkeys(("2.1", "3.1", "4.0", "4.1", "5.1", "7.1"), False),
        "encoder": "obs-output module (libobs version 30.2.3)",
    }
)


def video(frame_type: int, packet_type: int, rest: bytes) -> bytes:
    return bytes((0x80 | frame_type << 4 | packet_type,)) + rest


def modifier(size: int, following: int) -> bytes:
    """Return one ModEx: its size, its bytes, and the type of what follows it."""
    length = bytes((size - 1,)) if size < 256 else b"\xff" + (size - 1).to_bytes(2)
    return length + bytes(size) + bytes((following,))


# --- Extended headers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["avc1", "hvc1", "vvc1", "av01", "vp08", "vp09"])
@pytest.mark.parametrize("packet_type", [0, 1, 2, 3, 4])
def test_composition_time_is_read_only_where_a_codec_and_a_packet_have_one(codec: str, packet_type: int) -> None:
    tag = parse_video_tag(video(INTER, packet_type, codec.encode() + b"\xff\xff\xd8body"))
    has_time = packet_type == 1 and codec in {"avc1", "hvc1", "vvc1"}
    assert (tag.codec, tag.composition_ms, tag.body_offset) == (
        VideoCodec(codec),
        -40 if has_time else 0,
        8 if has_time else 5,
    )


@pytest.mark.parametrize(
    ("frame_type", "is_key"), [(KEY_FRAME, True), (INTER, False), (DISPOSABLE, False), (GENERATED_KEY, True)]
)
def test_the_frame_type_says_what_is_a_key_frame_in_both_headers(frame_type: int, is_key: bool) -> None:
    assert parse_video_tag(video(frame_type, 3, b"avc1")).is_key is is_key
    assert parse_video_tag(bytes((frame_type << 4 | 7, 1, 0, 0, 0))).is_key is is_key


def test_metadata_of_a_command_frame_is_still_metadata() -> None:
    assert parse_video_tag(video(COMMAND, 4, b"hvc1")).part is Part.METADATA
    assert parse_video_tag(video(COMMAND, 0, b"\x00")).part is Part.COMMAND


@pytest.mark.parametrize("codec", [".mp3", "Opus", "fLaC", "ac-3", "ec-3", "mp4a"])
def test_every_audio_codec_is_known_by_its_four_letters(codec: str) -> None:
    tag = parse_audio_tag(b"\x91" + codec.encode() + b"body")
    assert (tag.codec, tag.part, tag.body_offset) == (AudioCodec(codec), Part.CODED_FRAMES, 5)


@pytest.mark.parametrize("sizes", [(1,), (3,), (255,), (256,), (257,), (65536,), (3, 300, 1), (1,) * 8])
def test_modifiers_of_any_size_and_number_are_stepped_over(sizes: tuple[int, ...]) -> None:
    following = [7] * (len(sizes) - 1) + [3]
    skipped = b"".join(modifier(size, kind) for size, kind in zip(sizes, following, strict=True))
    tag = parse_video_tag(video(KEY_FRAME, 7, skipped + b"avc1"))
    assert (tag.codec, tag.part, tag.body_offset) == (VideoCodec.AVC, Part.CODED_FRAMES, 1 + len(skipped) + 4)
    following[-1] = 1
    skipped = b"".join(modifier(size, kind) for size, kind in zip(sizes, following, strict=True))
    assert parse_audio_tag(b"\x97" + skipped + b"Opus").body_offset == 1 + len(skipped) + 4


@pytest.mark.parametrize("parse", [parse_video_tag, parse_audio_tag])
def test_a_header_of_nothing_but_modifiers_is_refused_at_once(parse: object) -> None:
    payload = b"\x97" + b"\x00\x00\x07" * (LONGEST_MESSAGE // 3)
    started = time.thread_time()
    with pytest.raises(MediaViolation, match="header has more than 8 modifiers"):
        parse(payload)  # type: ignore[operator]
    assert time.thread_time() - started < 0.1


@pytest.mark.parametrize("kind", [0x00, 0x10, 0x20])
def test_multitrack_of_every_kind_is_refused_behind_a_modifier_too(kind: int) -> None:
    with pytest.raises(MediaUnsupported, match="send one video track"):
        parse_video_tag(video(KEY_FRAME, 7, modifier(3, 6) + bytes((kind,)) + b"avc1"))
    with pytest.raises(MediaUnsupported, match="send one audio track"):
        parse_audio_tag(b"\x97" + modifier(3, 5) + bytes((kind,)) + b"mp4a")


def test_a_header_cut_short_anywhere_is_refused() -> None:
    whole = video(KEY_FRAME, 7, modifier(3, 7) + modifier(300, 1) + b"hvc1" + b"\x00\x00\x21")
    assert parse_video_tag(whole).composition_ms == 33
    for size in range(len(whole)):
        with pytest.raises(MediaViolation):
            parse_video_tag(whole[:size])


# --- Aggregates -------------------------------------------------------------------------------------------------------


def aggregate(*tags: bytes, timestamp_ms: int = 0) -> list[Message]:
    payload = b"".join(tags)
    message = Message(type_id=MessageType.AGGREGATE, stream_id=1, timestamp_ms=timestamp_ms, payload=payload)
    return list(split_aggregate(message))


def test_parts_keep_their_distances_across_the_extension_of_their_time() -> None:
    tags = [format_tag(type_id=9, timestamp_ms=ms, payload=b"v") for ms in (0xFFFFFE, 0xFFFFFF, 0x1000000, 0xFFFFF0)]
    assert [part.timestamp_ms for part in aggregate(*tags, timestamp_ms=1000)] == [1000, 1001, 1002, 986]


def test_the_size_behind_the_last_part_may_be_missing() -> None:
    tag = format_tag(type_id=8, timestamp_ms=0, payload=b"abc")
    assert [part.payload for part in aggregate(tag, tag[:-4])] == [b"abc", b"abc"]


def test_an_empty_aggregate_says_nothing() -> None:
    assert aggregate() == []


def test_an_aggregate_of_countless_parts_is_refused_before_it_costs_seconds() -> None:
    tag = format_tag(type_id=8, timestamp_ms=0, payload=b"/")
    assert len(aggregate(tag * 4096)) == 4096
    started = time.thread_time()
    with pytest.raises(MediaViolation, match="more than 4096 parts"):
        aggregate(tag * (LONGEST_MESSAGE // len(tag)))
    assert time.thread_time() - started < 1


def test_what_stands_before_a_broken_part_has_arrived() -> None:
    publisher = Publisher()
    session = publishing_session(publisher)
    parts = format_tag(type_id=8, timestamp_ms=0, payload=AAC_FRAME) + b"\x08\x00\xff"
    first, ended, _closed = session.receive(
        publisher.message(MessageType.AGGREGATE, parts, stream_id=STREAM_ID, csid=4), 0.0
    )
    assert isinstance(first, MediaMessage)
    assert isinstance(ended, PublishEnded)
    assert ended.reason is EndReason.PROTOCOL_ERROR


# --- What encoders claim ----------------------------------------------------------------------------------------------


def test_the_claims_of_obs_are_read() -> None:
    tag, body = parse_script(format_amf0("@setDataFrame", "onMetaData", OBS))
    assert tag.metadata == StreamMetadata(
        width_px=1920,
        height_px=1080,
        frame_rate=59.94,
        video_bitrate_bps=6_000_000,
        audio_bitrate_bps=160_000,
        encoder="obs-output module (libobs version 30.2.3)",
    )
    assert parse_script(body)[0] == tag


def test_claims_with_a_thousand_keys_are_read_and_more_are_refused() -> None:
    many: dict[str, AmfValue] = {f"key-{index}": float(index) for index in range(1000)}
    assert parse_script(format_amf0("onMetaData", EcmaArray(OBS | many)))[0].metadata is not None
    publisher = Publisher()
    session = publishing_session(publisher)
    more: dict[str, AmfValue] = {f"key-{index}": None for index in range(1025)}
    ended, _closed = session.receive(publisher.script("onMetaData", EcmaArray(more)), 0.0)
    assert isinstance(ended, PublishEnded)
    assert ended.description == "an AMF0 object has more than 1024 properties"


@pytest.mark.parametrize("claim", [0.4, 0.0004, 0.5])
def test_a_size_below_one_pixel_is_no_claim(claim: float) -> None:
    found = parse_metadata({"width": claim, "height": claim, "videodatarate": claim / 1000})
    assert (found.width_px, found.height_px, found.video_bitrate_bps) == (None, None, None)


def test_the_older_name_of_the_frame_rate_is_read_where_the_newer_is_missing() -> None:
    assert parse_metadata({"videoframerate": 25.0}).frame_rate == 25.0
    assert parse_metadata({"videoframerate": 25.0, "framerate": 30.0}).frame_rate == 30.0


def test_the_first_claim_of_a_name_that_comes_twice_is_overruled_by_the_second() -> None:
    twice = b"\x08\x00\x00\x00\x02" + b"".join(b"\x00\x05width" + format_amf0(width) for width in (640.0, 1280.0))
    tag, _ = parse_script(format_amf0("onMetaData") + twice + b"\x00\x00\x09")
    assert tag.metadata is not None
    assert tag.metadata.width_px == 1280
