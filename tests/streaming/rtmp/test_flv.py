from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtmp.errors import MediaUnsupported, MediaViolation
from streaming.rtmp.flv import (
    AudioCodec,
    AudioTag,
    Part,
    VideoCodec,
    VideoTag,
    format_file_header,
    format_tag,
    parse_audio_tag,
    parse_video_tag,
    split_aggregate,
)
from streaming.rtmp.messages import Message, MessageType


def video(codec: VideoCodec | None, part: Part, **facts: int | bool) -> VideoTag:
    return VideoTag(
        codec=codec,
        part=part,
        is_key=bool(facts.get("is_key", False)),
        composition_ms=facts.get("composition_ms", 0),
        body_offset=facts.get("body_offset", 5),
        is_enhanced=bool(facts.get("is_enhanced", False)),
    )


@pytest.mark.parametrize(
    ("payload", "tag"),
    [
        ("17 00 000000 01", video(VideoCodec.AVC, Part.SEQUENCE_START, is_key=True)),
        ("17 01 000000 00", video(VideoCodec.AVC, Part.CODED_FRAMES, is_key=True)),
        ("27 01 000043 00", video(VideoCodec.AVC, Part.CODED_FRAMES, composition_ms=67)),
        ("27 01 ffffff 00", video(VideoCodec.AVC, Part.CODED_FRAMES, composition_ms=-1)),
        ("17 02 000000", video(VideoCodec.AVC, Part.SEQUENCE_END, is_key=True)),
        ("1c 01 000000", video(VideoCodec.HEVC, Part.CODED_FRAMES, is_key=True)),
        ("22 00", video(VideoCodec.SORENSON_H263, Part.CODED_FRAMES, body_offset=1)),
        ("57 00", video(VideoCodec.AVC, Part.COMMAND, body_offset=1)),
        ("90 68766331 01", video(VideoCodec.HEVC, Part.SEQUENCE_START, is_key=True, is_enhanced=True)),
        (
            "91 68766331 000021 00",
            video(VideoCodec.HEVC, Part.CODED_FRAMES, is_key=True, is_enhanced=True, composition_ms=33, body_offset=8),
        ),
        ("a3 61766331 00", video(VideoCodec.AVC, Part.CODED_FRAMES, is_enhanced=True)),
        ("a1 61763031 00", video(VideoCodec.AV1, Part.CODED_FRAMES, is_enhanced=True)),
        ("92 61763031", video(VideoCodec.AV1, Part.SEQUENCE_END, is_key=True, is_enhanced=True)),
        ("94 61763031 02", video(VideoCodec.AV1, Part.METADATA, is_key=True, is_enhanced=True)),
        ("d1 00", video(None, Part.COMMAND, is_enhanced=True, body_offset=1)),
        (
            "97 02 00000a 03 61766331 00",
            video(VideoCodec.AVC, Part.CODED_FRAMES, is_key=True, is_enhanced=True, body_offset=10),
        ),
    ],
)
def test_video_headers(payload: str, tag: VideoTag) -> None:
    assert parse_video_tag(bytes.fromhex(payload)) == tag


@pytest.mark.parametrize(
    ("payload", "codec", "part", "offset"),
    [
        ("af 00 1210", AudioCodec.AAC, Part.SEQUENCE_START, 2),
        ("af 01 00", AudioCodec.AAC, Part.CODED_FRAMES, 2),
        ("2f 00", AudioCodec.MP3, Part.CODED_FRAMES, 1),
        ("b2", AudioCodec.SPEEX, Part.CODED_FRAMES, 1),
        ("90 4f707573 00", AudioCodec.OPUS, Part.SEQUENCE_START, 5),
        ("91 61632d33 00", AudioCodec.AC3, Part.CODED_FRAMES, 5),
        ("92 6d703461", AudioCodec.AAC, Part.SEQUENCE_END, 5),
        ("94 6d703461 00", AudioCodec.AAC, Part.METADATA, 5),
        ("97 02 000000 01 6d703461 00", AudioCodec.AAC, Part.CODED_FRAMES, 10),
    ],
)
def test_audio_headers(payload: str, codec: AudioCodec, part: Part, offset: int) -> None:
    is_enhanced = payload.startswith("9")
    expected = AudioTag(codec=codec, part=part, body_offset=offset, is_enhanced=is_enhanced)
    assert parse_audio_tag(bytes.fromhex(payload)) == expected


def test_modifiers_of_more_than_256_bytes_are_skipped() -> None:
    payload = bytes.fromhex("97 ff 01ff") + bytes(512) + bytes.fromhex("03 61766331 00")
    assert parse_video_tag(payload).body_offset == 4 + 512 + 1 + 4


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ("", "the video header is cut short after 0 bytes"),
        ("17", "cut short after 1 bytes"),
        ("17 00 00", "cut short after 3 bytes"),
        ("17 03 000000", "video packet type 3 is reserved"),
        ("97 02", "cut short"),
        ("91 68766331 00", "cut short after 6 bytes"),
    ],
)
def test_malformed_video_headers_are_refused(payload: str, sentence: str) -> None:
    with pytest.raises(MediaViolation, match=sentence):
        parse_video_tag(bytes.fromhex(payload))


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ("2d 00", "video codec id 13 is not known"),
        ("96 00 61766331", "multitrack video is not supported; send one video track"),
        ("95 61766331", "video packet type 5 is not supported"),
        ("98 61766331", "video packet type 8 is not supported"),
        ("90 78787878", "video FourCC b'xxxx' is not known"),
        ("90", "video FourCC b'' is not known"),
    ],
)
def test_video_that_is_not_taken_is_named(payload: str, sentence: str) -> None:
    with pytest.raises(MediaUnsupported, match=sentence):
        parse_video_tag(bytes.fromhex(payload))


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ("df", "audio format 13 is not known"),
        ("95 00 6d703461", "multitrack audio is not supported; send one audio track"),
        ("93 6d703461", "audio packet type 3 is not supported"),
        ("90 78787878", "audio FourCC b'xxxx' is not known"),
    ],
)
def test_audio_that_is_not_taken_is_named(payload: str, sentence: str) -> None:
    with pytest.raises(MediaUnsupported, match=sentence):
        parse_audio_tag(bytes.fromhex(payload))


@given(st.binary(max_size=40))
def test_any_header_is_read_or_refused(payload: bytes) -> None:
    for parse in (parse_video_tag, parse_audio_tag):
        with suppress(MediaViolation):
            assert parse(payload).body_offset >= 1


def test_file_header_says_what_follows() -> None:
    assert format_file_header() == bytes.fromhex("464c5601 05 00000009 00000000")
    assert format_file_header(has_video=False)[4] == 0x04
    assert format_file_header(has_audio=False)[4] == 0x01


def test_tag_has_its_size_before_and_after() -> None:
    tag = format_tag(type_id=MessageType.VIDEO, timestamp_ms=0x01020304, payload=b"abc")
    assert tag == bytes.fromhex("09 000003 020304 01 000000 616263 0000000e")


@pytest.mark.parametrize(("timestamp_ms", "field"), [(2**32 + 5, "00000500"), (-1, "ffffffff")])
def test_tag_timestamps_are_cut_to_32_bits(timestamp_ms: int, field: str) -> None:
    assert format_tag(type_id=9, timestamp_ms=timestamp_ms, payload=b"")[4:8].hex() == field


def aggregate(*parts: bytes, timestamp_ms: int = 0) -> list[Message]:
    message = Message(type_id=MessageType.AGGREGATE, stream_id=1, timestamp_ms=timestamp_ms, payload=b"".join(parts))
    return list(split_aggregate(message))


def test_aggregate_is_split_and_moved_to_its_own_time() -> None:
    parts = [format_tag(type_id=8 + index, timestamp_ms=500 + 20 * index, payload=b"x" * index) for index in range(2)]
    found = aggregate(*parts, timestamp_ms=9000)
    assert [(part.type_id, part.timestamp_ms, part.payload) for part in found] == [(8, 9000, b""), (9, 9020, b"x")]
    assert {part.stream_id for part in found} == {1}


def test_aggregate_time_wraps() -> None:
    parts = [format_tag(type_id=8, timestamp_ms=time_ms, payload=b"") for time_ms in (0, 10)]
    assert [part.timestamp_ms for part in aggregate(*parts, timestamp_ms=2**32 - 5)] == [2**32 - 5, 5]


def test_broken_aggregates_are_refused() -> None:
    tag = format_tag(type_id=8, timestamp_ms=0, payload=b"abc")
    for size in range(1, len(tag) - 4):
        with pytest.raises(MediaViolation, match="cut short at byte 0"):
            aggregate(tag[:size])
    with pytest.raises(MediaViolation, match="contains another one"):
        aggregate(format_tag(type_id=MessageType.AGGREGATE, timestamp_ms=0, payload=b""))


@given(st.binary(max_size=100))
def test_any_aggregate_is_split_or_refused(payload: bytes) -> None:
    with suppress(MediaViolation):
        found = aggregate(payload)
        assert sum(len(part.payload) for part in found) <= len(payload)
