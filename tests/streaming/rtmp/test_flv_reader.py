"""FLV as it comes: however it is cut, the same messages come of it; what is no FLV is refused."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtmp.amf0 import format_amf0
from streaming.rtmp.errors import AmfViolation, MediaViolation
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.flv import format_file_header, format_tag
from streaming.rtmp.flv_reader import FlvReader
from streaming.rtmp.messages import MessageType
from tests.streaming.media.live.publishing import messages_of
from tests.streaming.rtmp.publisher import AAC_FRAME, AAC_HEADER, AVC_FRAME, AVC_HEADER, AVC_KEY_FRAME

LATE_MS = 0x01_02_03_04


def tag(kind: int, payload: bytes, at_ms: int = 0) -> bytes:
    return format_tag(type_id=kind, timestamp_ms=at_ms, payload=payload)


FLV = format_file_header() + b"".join(
    (
        tag(MessageType.DATA_AMF0, format_amf0("onMetaData", {"width": 320.0})),
        tag(MessageType.VIDEO, AVC_HEADER),
        tag(MessageType.AUDIO, AAC_HEADER),
        tag(MessageType.VIDEO, AVC_KEY_FRAME, 40),
        tag(MessageType.AUDIO, AAC_FRAME, 41),
        tag(MessageType.VIDEO, AVC_FRAME, LATE_MS),
    )
)


def read(*pieces: bytes) -> list[MediaMessage]:
    reader = FlvReader()
    return [message for piece in pieces for message in reader.feed(piece)]


def test_it_gives_what_an_encoder_sends() -> None:
    messages = read(FLV)
    assert messages == list(messages_of(FLV))
    assert [message.timestamp_ms for message in messages] == [0, 0, 0, 40, 41, LATE_MS]
    assert messages[1].configuration is not None


@given(st.lists(st.integers(0, len(FLV)), max_size=12))
def test_it_does_not_matter_how_it_is_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(FLV)]
    pieces = [FLV[start:end] for start, end in pairwise(places)]
    assert read(*pieces) == read(FLV)


def test_a_message_comes_as_soon_as_it_is_whole() -> None:
    assert len(read(FLV[:-1])) == len(read(FLV)) - 1


def test_what_says_nothing_is_left_out() -> None:
    nothing = tag(MessageType.VIDEO, b"") + tag(7, b"of a kind that nobody knows")
    assert read(format_file_header() + nothing + tag(MessageType.AUDIO, AAC_FRAME)) == read(
        format_file_header() + tag(MessageType.AUDIO, AAC_FRAME)
    )


def test_what_is_no_flv_is_refused() -> None:
    with pytest.raises(MediaViolation, match="does not begin as FLV does"):
        read(b"HTTP/1.1 200 OK\r\n")


def test_a_tag_larger_than_any_frame_is_refused_before_it_is_held() -> None:
    with pytest.raises(MediaViolation, match="larger than any frame"):
        read(format_file_header() + bytes((MessageType.VIDEO,)) + b"\xff\xff\xff" + bytes(7))


def test_data_that_is_cut_short_is_refused() -> None:
    with pytest.raises(AmfViolation):
        read(format_file_header() + tag(MessageType.DATA_AMF0, b"\x02\x00\xff"))
