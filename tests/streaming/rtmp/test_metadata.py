import math

import pytest

from streaming.rtmp.amf0 import AmfValue, EcmaArray, format_amf0
from streaming.rtmp.errors import AmfViolation
from streaming.rtmp.metadata import StreamMetadata, parse_metadata, parse_script


def test_set_data_frame_is_removed_from_the_payload() -> None:
    claims = EcmaArray(width=1920.0, height=1080.0, framerate=29.97, videodatarate=6000.0, encoder="obs")
    inner = format_amf0("onMetaData", claims)
    tag, body = parse_script(format_amf0("@setDataFrame") + inner)
    assert body == inner
    assert tag.name == "onMetaData"
    assert tag.metadata == StreamMetadata(
        width_px=1920, height_px=1080, frame_rate=29.97, video_bitrate_bps=6_000_000, encoder="obs"
    )


def test_other_data_messages_keep_their_values() -> None:
    tag, body = parse_script(format_amf0("onTextData", {"text": "hello"}))
    assert (tag.name, tag.metadata, tag.values) == ("onTextData", None, ({"text": "hello"},))
    assert body == format_amf0("onTextData", {"text": "hello"})


@pytest.mark.parametrize("claim", [None, "1920", True, math.nan, math.inf, -math.inf, 0.0, -1.0, 1e300, {}, []])
def test_senseless_claims_become_none(claim: AmfValue) -> None:
    names = ("width", "height", "framerate", "videodatarate", "audiodatarate")
    claims: dict[str, AmfValue] = {"encoder": 5.0}
    claims.update((name, claim) for name in names)
    assert parse_metadata(claims) == StreamMetadata()


def test_metadata_without_an_object_is_none() -> None:
    assert parse_script(format_amf0("onMetaData"))[0].metadata is None


@pytest.mark.parametrize("payload", [b"", format_amf0(1.0), format_amf0("@setDataFrame"), b"\x02\x00"])
def test_data_without_a_name_is_refused(payload: bytes) -> None:
    with pytest.raises(AmfViolation):
        parse_script(payload)
