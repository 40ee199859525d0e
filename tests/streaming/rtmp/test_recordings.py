"""What real publishers sent, replayed. `tests/assets/rtmp/record.py` made the files."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from streaming.rtmp.events import EndReason, MediaMessage, PublishEnded, PublishRequested, SessionEvent
from streaming.rtmp.messages import MessageType
from streaming.rtmp.metadata import ScriptTag
from tests.streaming.rtmp.publisher import cut, make_session, replay

FOLDER = Path(__file__).parents[2] / "assets" / "rtmp"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a recording contains."""

    video: str | None
    audio: str | None
    encoder: str
    video_messages: int
    audio_messages: int
    last_ms: int


X264 = Expected(
    video="avc1.64000c",
    audio="mp4a.40.2",
    encoder="Lavf62.12.102",
    video_messages=32,
    audio_messages=89,
    last_ms=1933,
)
RECORDINGS = {
    "ffmpeg-avc-aac": X264,
    "ffmpeg-avc-aac-small-chunks": X264,
    "ffmpeg-long-running": Expected(
        video="avc1.64000c",
        audio="mp4a.40.2",
        encoder="Lavf62.12.102",
        video_messages=32,
        audio_messages=89,
        last_ms=16_801_800,
    ),
    "ffmpeg-hevc-opus": Expected(
        video="hvc1.1.6.L30.90",
        audio="opus",
        encoder="Lavf62.12.102",
        video_messages=32,
        audio_messages=103,
        last_ms=2127,
    ),
    "ffmpeg-av1-aac": Expected(
        video="av01.0.00M.08",
        audio="mp4a.40.2",
        encoder="Lavf62.12.102",
        video_messages=32,
        audio_messages=89,
        last_ms=2020,
    ),
    "ffmpeg-audio-only": Expected(
        video=None, audio="mp4a.40.2", encoder="Lavf62.12.102", video_messages=0, audio_messages=46, last_ms=1021
    ),
    "gstreamer-avc-aac": Expected(
        video="avc1.f4000a",
        audio="mp4a.40.2",
        encoder="GStreamer 1.22.0 FLV muxer",
        video_messages=32,
        audio_messages=87,
        last_ms=1973,
    ),
    "obs-avc-aac": Expected(
        video="avc1.640009",
        audio="mp4a.40.2",
        encoder="obs-output module (libobs version 29.0.2.1-1+b1)",
        video_messages=32,
        audio_messages=85,
        last_ms=2060,
    ),
}


def events_of(name: str, size: int | None = None) -> list[SessionEvent]:
    sent = (FOLDER / f"{name}.bin").read_bytes()
    return replay(make_session(), [sent] if size is None else cut(sent, size))


def media_of(events: list[SessionEvent], type_id: MessageType) -> list[MediaMessage]:
    return [event for event in events if isinstance(event, MediaMessage) and event.type_id == type_id]


@pytest.mark.parametrize(("name", "expected"), RECORDINGS.items())
def test_recording_is_understood(name: str, expected: Expected) -> None:
    events = events_of(name)
    requested, *media, ended = events
    assert isinstance(requested, PublishRequested)
    assert (requested.app, requested.stream_key.reveal()) == ("live", "recorded-key")
    assert ended == PublishEnded(reason=EndReason.UNPUBLISHED, description="the encoder sent FCUnpublish")
    video, audio = media_of(events, MessageType.VIDEO), media_of(events, MessageType.AUDIO)
    script = media_of(events, MessageType.DATA_AMF0)[0].header
    assert isinstance(script, ScriptTag)
    assert script.metadata is not None
    last = media[-1]
    assert isinstance(last, MediaMessage)
    assert expected == Expected(
        video=next((event.configuration.codec_string for event in video if event.configuration), None),
        audio=next((event.configuration.codec_string for event in audio if event.configuration), None),
        encoder=script.metadata.encoder or "",
        video_messages=len(video),
        audio_messages=len(audio),
        last_ms=last.timestamp_ms,
    )


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("size", [1, 13, 129, 1460, 4099])
def test_recording_gives_the_same_events_in_any_slices(name: str, size: int) -> None:
    assert events_of(name, size) == events_of(name)


@pytest.mark.parametrize("name", RECORDINGS)
def test_timestamps_of_a_recording_never_step_back(name: str) -> None:
    for type_id in (MessageType.VIDEO, MessageType.AUDIO):
        times = [event.timestamp_ms for event in media_of(events_of(name), type_id)]
        assert times == sorted(times)


def test_every_recording_is_tested_and_small() -> None:
    files = {path.stem: path.stat().st_size for path in FOLDER.glob("*.bin")}
    assert files.keys() == RECORDINGS.keys()
    assert max(files.values()) < 100_000
