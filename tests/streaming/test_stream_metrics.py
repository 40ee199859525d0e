"""What Prometheus is told of broadcasts: each figure is made to change, and read."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from streaming.errors import ChannelIsLive
from streaming.models import Stream
from streaming.rtmp.publishing import PublishRefused
from streaming.services.live import end_stream, heal_streams
from tests.factories import AT, make_stream
from tests.streaming.origin.live import messages
from tests.streaming.origin.live.puppets import issued_secret, on_stage, send_opening, until

ERRORS = "nova_streaming_broadcast_errors_total"


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.django_db(transaction=True)
def test_a_stream_that_ends_tells_how_long_it_was_and_why_it_ended() -> None:
    stream = make_stream()
    names = ("nova_streaming_stream_duration_seconds_count", "nova_streaming_stream_duration_seconds_sum")
    before = [figure(name, end_reason="unpublished") for name in names]
    for _ in range(2):
        end_stream(stream_id=stream.pk, reason=Stream.EndReason.UNPUBLISHED, at=AT + timedelta(hours=1))
    grown = [figure(name, end_reason="unpublished") - was for name, was in zip(names, before, strict=True)]
    assert grown == [1, 3600]
    assert figure(ERRORS, stage="end", code="unpublished") == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("reason", "error", "code"), [("MEDIA", "no-key-frames", "no-key-frames"), ("INTERNAL", "", "internal")]
)
def test_a_stream_that_fails_is_an_error_of_its_code(reason: str, error: str, code: str) -> None:
    before = figure(ERRORS, stage="end", code=code)
    end_stream(stream_id=make_stream().pk, reason=Stream.EndReason(reason), error=error, at=AT)
    assert figure(ERRORS, stage="end", code=code) == before + 1


@pytest.mark.django_db(transaction=True)
def test_a_stream_whose_origin_is_lost_is_one_too() -> None:
    make_stream(phase="reconnecting")
    before = figure(ERRORS, stage="end", code="origin-lost")
    assert heal_streams(at=AT + timedelta(minutes=5)) == 1
    assert figure(ERRORS, stage="end", code="origin-lost") == before + 1
    assert figure("nova_streaming_stream_duration_seconds_count", end_reason="origin-lost") >= 1


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_an_encoder_that_is_refused_is_counted_by_the_reason(tmp_path: Path) -> None:
    secret = await issued_secret()
    code = ChannelIsLive.code
    before = figure(ERRORS, stage="admission", code=code)
    async with on_stage(tmp_path) as stage:
        await stage.publish(secret)
        with pytest.raises(PublishRefused):
            await stage.publish(secret)
    assert figure(ERRORS, stage="admission", code=code) == before + 1


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_an_encoder_of_ours_that_fails_is_counted_and_one_that_is_stopped_is_not(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        publication = await stage.go_on_air(await issued_secret(), seconds=2.5)
        ended, not_started = (figure(ERRORS, stage="encoding", code=code) for code in ("encoder-ended", "cannot-start"))
        stage.failing_starts = 1
        stage.puppets[0].crash()
        await until(lambda: stage.stream.run is None)
        send_opening(publication, at_ms=4000)
        await until(lambda: figure(ERRORS, stage="encoding", code="cannot-start") == not_started + 1)
        await stage.encoder(2)
    assert figure(ERRORS, stage="encoding", code="encoder-ended") == ended + 1


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_a_segment_tells_how_long_it_took_since_its_last_frame(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        send_opening(publication)
        encoder = await stage.encoder()
        rendition = encoder.plan.tracks[0]
        before = figure("nova_streaming_hls_segment_generation_seconds_count", rendition=rendition)
        slow = figure("nova_streaming_hls_segment_generation_seconds_sum", rendition=rendition)
        for frame in range(1, 66):
            publication.media(messages.picture(33 * frame))
        await asyncio.sleep(0.2)
        encoder.make(2.5)
        assert figure("nova_streaming_hls_segment_generation_seconds_count", rendition=rendition) == before + 1
        took_s = figure("nova_streaming_hls_segment_generation_seconds_sum", rendition=rendition) - slow
        assert 0.2 <= took_s < 2
