"""What becomes of a live stream, from its first encoder to its recording."""

import asyncio
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from channels.db import database_sync_to_async

from portal import clock
from streaming.media.live.health import HealthPolicy
from streaming.media.live.supervision import RestartPolicy
from streaming.models import Channel, Package, Stream
from streaming.origin.live import encoding as encoding_module
from streaming.origin.live import hub as hub_module
from streaming.origin.live import lease as lease_module
from streaming.origin.live import stream as stream_module
from streaming.origin.live.publication import Publication
from streaming.rtmp.events import EndReason
from streaming.rtmp.publishing import PublishRefused
from streaming.services import live
from tests.streaming.origin.live import messages
from tests.streaming.origin.live.puppets import (
    Stage,
    issued_secret,
    on_stage,
    playlist_of,
    send_opening,
    the_row,
    until,
    until_row,
)

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

State, Reason = Stream.State, Stream.EndReason


async def broadcast(stage: Stage, *, seconds: float = 4.2) -> str:
    """Put a stream on air that can be played; return its key."""
    secret = await issued_secret()
    await stage.go_on_air(secret, seconds=seconds)
    await until_row(state=State.ACTIVE)
    return secret


def segments_in(root: Path) -> int:
    # Folders may be deleted meanwhile.
    walked = os.walk(root / "packages")
    return sum(name.endswith(".m4s") for folder, _, names in walked if "/v-" in folder for name in names)


async def test_headers_alone_do_not_put_a_stream_on_air(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        publication.media(messages.video_header())
        await publication.ended(EndReason.UNPUBLISHED)
        row = await the_row()
    assert (row.state, row.active_at) == (State.ENDED, None)
    assert stage.puppets == []


async def test_media_that_is_encoded_does_and_a_whole_segment_makes_it_playable(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        send_opening(publication)
        encoder = await stage.encoder()
        row = await until_row(state=State.ACTIVE)
        assert (row.video_codec, row.height_px, row.audio_codec) == ("avc1.640028", 1080, "mp4a.40.2")
        assert [quality["name"] for quality in (await until_row_has("qualities")).qualities] == ["360p"]
        encoder.make(1.9)
        await stage.stream.settle()
        assert (await the_row()).playable_at is None
        encoder.make(0.5)
        await until_row_has("playable_at")


async def until_row_has(name: str) -> Stream:
    await until_row(state=State.ACTIVE)
    async with asyncio.timeout(30):
        while not getattr(row := await the_row(), name):
            await asyncio.sleep(0.02)
    return row


async def test_what_goes_on_is_fed_and_what_was_before_the_key_frame_is_not(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        publication.media(messages.video_header())
        publication.media(messages.picture(0, payload=b"undecodable"))
        send_opening(publication, at_ms=33)
        encoder = await stage.encoder()
        publication.media(messages.picture(66, payload=b"the next"))
        await until(lambda: b"the next" in encoder.written)
        assert b"undecodable" not in encoder.written


async def test_a_stop_in_the_encoder_ends_it_and_leaves_a_recording(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        secret = await issued_secret()
        publication = await stage.go_on_air(secret, seconds=5.0)
        await publication.ended(EndReason.UNPUBLISHED)
        row = await the_row()
        assert (row.state, row.end_reason) == (State.ENDED, Reason.UNPUBLISHED)
        await stage.stream.close()
        package = await database_sync_to_async(Package.objects.get)()
        assert 4.9 < package.duration_s < 5.1
        folder = tmp_path / package.path
        assert "#EXT-X-ENDLIST" in (folder / next(folder.glob("v-*")).name / "index.m3u8").read_text()
        assert segments_in(tmp_path) == 3


async def test_an_encoder_that_comes_back_goes_on_with_the_same_stream(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        secret = await broadcast(stage)
        first = stage.stream
        (publication,) = [first._publication]
        assert publication is not None
        await publication.ended(EndReason.DISCONNECTED)
        row = await until_row(state=State.ACTIVE)
        assert row.interrupted_at is not None
        again = await stage.publish(secret)
        send_opening(again, at_ms=0)
        (await stage.encoder(2)).make(4.2)
        await until_row(interrupted_at=None)
        assert stage.stream is first
        await again.ended(EndReason.UNPUBLISHED)
        await first.close()
        package = await database_sync_to_async(Package.objects.get)()
    assert 8.0 < package.duration_s < 8.6
    assert await database_sync_to_async(Stream.objects.count)() == 1


async def test_an_encoder_that_does_not_come_back_in_time_has_ended_it(tmp_path: Path) -> None:
    async with on_stage(tmp_path, grace_s=0.2) as stage:
        await broadcast(stage)
        publication = stage.stream._publication
        assert publication is not None
        await publication.ended(EndReason.DISCONNECTED)
        row = await until_row(state=State.ENDED)
        assert row.end_reason == Reason.DISCONNECTED


async def test_an_encoder_that_falls_silent_can_be_replaced_and_one_that_sends_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage(tmp_path) as stage:
        secret = await broadcast(stage)
        with pytest.raises(PublishRefused, match="The channel is live already"):
            await stage.publish(secret)
        monkeypatch.setattr(stream_module, "SILENT_S", 0.05)
        await until(lambda: stage.stream.can_be_taken_up)
        again = await stage.publish(secret)
        assert stage.kicks == ["Another encoder has taken over."]
        send_opening(again)
        await stage.encoder(2)


async def test_an_encoder_of_ours_that_crashes_is_started_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await broadcast(stage)
        publication = stage.stream._publication
        assert publication is not None
        (await stage.encoder()).crash()
        await until(lambda: stage.stream.run is None)
        send_opening(publication, at_ms=5_000)
        (await stage.encoder(2)).make(4.2)
        assert not stage.stream.is_over


async def test_output_that_cannot_be_read_costs_a_run_and_not_the_stream(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await broadcast(stage)
        publication = stage.stream._publication
        assert publication is not None
        (await stage.encoder()).talk_nonsense()
        await until(lambda: stage.stream.run is None)
        send_opening(publication, at_ms=5_000)
        await stage.encoder(2)


async def test_an_encoder_that_keeps_crashing_ends_the_stream_as_failed(tmp_path: Path) -> None:
    async with on_stage(tmp_path, restarts=RestartPolicy(delays_s=())) as stage:
        await broadcast(stage)
        (await stage.encoder()).crash()
        row = await until_row(state=State.ERROR)
        assert (row.end_reason, row.error) == (Reason.INTERNAL, "encoder-keeps-failing")


async def test_another_format_in_the_middle_begins_another_run(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await broadcast(stage)
        publication = stage.stream._publication
        assert publication is not None
        publication.media(messages.video_header(b"another sps"))
        publication.media(messages.picture(5_000, is_key=True))
        publication.media(messages.sound(5_001))
        second = await stage.encoder(2)
        assert b"another sps" in second.written
        assert stage.puppets[0].is_stopped


async def test_a_word_of_an_editor_ends_it_and_sends_the_encoder_away(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await broadcast(stage)
        row = await the_row()
        stage.hub.end(row.pk, Reason.KEY_REVOKED)
        assert stage.kicks == ["The stream was ended by the portal."]
        assert stage.stream.is_over


async def test_a_row_that_was_closed_elsewhere_ends_it_with_the_next_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_module, "_EVERY_S", 0.05)
    async with on_stage(tmp_path) as stage:
        await broadcast(stage)
        row = await the_row()
        await database_sync_to_async(live.end_stream)(stream_id=row.pk, reason=Reason.KICKED, at=clock.now())
        await until(lambda: stage.kicks)
        assert (await the_row()).end_reason == Reason.KICKED


async def test_a_channel_that_was_deleted_ends_it_in_peace(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        await database_sync_to_async(lambda: Channel.objects.all().delete())()
        send_opening(publication)
        await until(lambda: stage.kicks)
        await publication.ended(EndReason.KICKED)


async def test_pictures_without_key_frames_end_it_in_words_for_the_broadcaster(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        publication.media(messages.video_header())
        for at_ms in range(0, 21_000, 500):
            publication.media(messages.picture(at_ms))
        row = await until_row(state=State.ERROR)
        assert (row.end_reason, row.error) == (Reason.MEDIA, "no-key-frames")
        assert stage.kicks == ["No key frame came; set the key frame interval to 2 seconds."]


async def test_times_that_jump_before_the_first_key_frame_end_nothing(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        publication.media(messages.video_header())
        for at_ms in (0, 33, 20_066, 20_100):
            publication.media(messages.picture(at_ms))
        await asyncio.sleep(0.1)
        send_opening(publication, at_ms=20_133)
        (await stage.encoder()).make(4.2)
        await until_row(state=State.ACTIVE)
        assert stage.kicks == []


@pytest.mark.parametrize("reason", [reason for reason in EndReason if reason is not EndReason.REFUSED])
async def test_every_way_to_end_before_anything_was_shown_is_stored(tmp_path: Path, reason: EndReason) -> None:
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        await publication.ended(reason)
        assert (await the_row()).end_reason != ""


async def test_an_origin_that_is_started_again_goes_on_where_it_was(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        secret = await broadcast(stage, seconds=5.0)
        first = await the_row()
    assert (await until_row(state=State.ACTIVE)).interrupted_at is not None
    assert await database_sync_to_async(Package.objects.count)() == 0
    async with on_stage(tmp_path) as stage:
        publication = await stage.go_on_air(secret, seconds=3.0)
        await until_row(interrupted_at=None)
        await publication.ended(EndReason.UNPUBLISHED)
        await stage.stream.close()
    package = await database_sync_to_async(Package.objects.get)()
    assert package.path == f"packages/{first.package_hex}"
    assert 7.9 < package.duration_s < 8.1


async def test_what_was_lost_in_the_middle_is_taken_up_from_what_the_store_has(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        secret = await broadcast(stage, seconds=7.0)
        await stage.stream._archive._recorder.settle()
        # As if it were killed now: nothing more is written, and nobody is told.
        stage.stream._archive._recorder.write = lambda name, content: None  # type: ignore[method-assign]
        stage.stream._reports.tell = lambda service, **arguments: None  # type: ignore[method-assign]
    await database_sync_to_async(live.interrupt_stream)(stream_id=(await the_row()).pk, at=clock.now())
    async with on_stage(tmp_path) as stage:
        publication = await stage.go_on_air(secret, seconds=2.0)
        await publication.ended(EndReason.UNPUBLISHED)
        await stage.stream.close()
    package = await database_sync_to_async(Package.objects.get)()
    assert 7.9 < package.duration_s < 8.1


async def test_of_a_channel_that_is_not_recorded_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "_LINGER_S", 0.05)
    async with on_stage(tmp_path) as stage:
        secret = await issued_secret()
        await database_sync_to_async(lambda: Channel.objects.update(is_recorded=False, dvr_s=30))()
        publication = await stage.go_on_air(secret, seconds=60.0)
        # The window, and what a player may ask for that has just been in it.
        await until(lambda: 15 <= segments_in(tmp_path) <= 23)
        # No longer than that it is there after the end.
        stage.stream.admitted = replace(stage.stream.admitted, dvr_s=0)
        await publication.ended(EndReason.UNPUBLISHED)
        await until(lambda: not list(stage.hub))
        await until(lambda: not segments_in(tmp_path))
    assert await database_sync_to_async(Package.objects.count)() == 0


async def test_a_stream_that_is_not_recorded_goes_on_behind_what_is_left_of_it(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        secret = await issued_secret()
        await database_sync_to_async(lambda: Channel.objects.update(is_recorded=False, dvr_s=30))()
        await stage.go_on_air(secret, seconds=60.0)
        await until(lambda: 15 <= segments_in(tmp_path) <= 23)
    async with on_stage(tmp_path) as stage:
        await stage.go_on_air(secret, seconds=4.2)
        await until_row(interrupted_at=None)
        playlist = await playlist_of(stage.stream)
    numbers = [int(line.removesuffix(".m4s")) for line in playlist.splitlines() if line.endswith(".m4s")]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert numbers[0] > 10
    assert numbers[-1] >= 31


async def test_an_encoder_that_is_too_slow_is_given_less_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "_JUDGE_EVERY_S", 0.02)
    monkeypatch.setattr(encoding_module, "HealthPolicy", partial(HealthPolicy, behind_s=0.5, behind_for_s=0.05))
    async with on_stage(tmp_path) as stage:
        secret = await issued_secret()
        publication = await stage.publish(secret)
        send_opening(publication)
        encoder = await stage.encoder()
        encoder.make(1.0)
        publication.media(messages.picture(2_500))
        await until(lambda: encoder.is_stopped)
        send_opening(publication, at_ms=3_000)
        lighter = await stage.encoder(2)
        assert lighter.plan.preset != encoder.plan.preset
        row = await until_row_has("warnings")
        assert row.warnings == ["lighter-preset"]


async def test_what_cannot_be_taken_up_is_never_written_over(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        secret = await broadcast(stage, seconds=5.0)
    folder = tmp_path / "packages" / (await the_row()).package_hex
    before = {path: path.read_bytes() for path in folder.rglob("*.m4s")}
    (folder / "plan.json").write_text('{"version": 99}')
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(secret)
        send_opening(publication)
        row = await until_row(state=State.ENDED)
        assert row.end_reason == Reason.SHUTDOWN
        assert stage.kicks == ["The server is restarted; connect again."]
        assert stage.puppets == []
    assert {path: path.read_bytes() for path in folder.rglob("*.m4s")} == before


async def test_an_encoder_that_leaves_while_its_stream_is_taken_up_may_come_back(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        secret = await broadcast(stage, seconds=5.0)
    async with on_stage(tmp_path) as stage:
        await (await stage.publish(secret)).ended(EndReason.DISCONNECTED)
        assert (await the_row()).state == State.ACTIVE
        send_opening(await stage.publish(secret))
        await stage.encoder()


async def test_no_room_for_a_process_is_tried_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        stage.failing_starts = 1
        publication = await stage.publish(await issued_secret())
        send_opening(publication)
        await stage.encoder()
        assert not stage.stream.is_over


@pytest.mark.parametrize("is_recorded", [True, False])
async def test_those_who_are_behind_watch_a_stream_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_recorded: bool
) -> None:
    monkeypatch.setattr(hub_module, "_LINGER_S", 0.05)
    async with on_stage(tmp_path, grace_s=0.0) as stage:
        secret = await issued_secret()
        await database_sync_to_async(lambda: Channel.objects.update(is_recorded=is_recorded, dvr_s=30))()
        publication = await stage.go_on_air(secret, seconds=60.0)
        await until(lambda: stage.stream.broadcast and stage.stream.broadcast.is_playable)
        package = stage.stream.admitted.package_hex
        assert stage.hub.oldest_of("f" * 32) is None
        oldest_msn = stage.hub.oldest_of(package)
        assert oldest_msn is not None
        assert 5 < oldest_msn < 15
        await publication.ended(EndReason.UNPUBLISHED)
        # Nothing of it is in memory any more, but its files are there.
        await until(lambda: not list(stage.hub))
        assert stage.hub.find(package) is None
        assert stage.hub.oldest_of(package) in (oldest_msn, oldest_msn + 1)
        assert segments_in(tmp_path) >= 15


def send_another_format(publication: Publication, number: int) -> None:
    publication.media(messages.video_header(b"sps %d" % number))
    publication.media(messages.picture(1_000 * number, is_key=True))
    publication.media(messages.sound(1_000 * number + 1))


async def test_an_encoder_that_changes_its_format_again_and_again_is_sent_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "FORMAT_CHANGES", RestartPolicy(delays_s=(0.0, 0.01), window_s=60.0))
    async with on_stage(tmp_path) as stage:
        await broadcast(stage)
        publication = stage.stream._publication
        assert publication is not None
        for number in range(2, 5):
            await stage.encoder(number - 1)
            await until(lambda: stage.stream.is_sending)
            send_another_format(publication, number)
        row = await until_row(state=State.ERROR)
        assert (row.end_reason, row.error) == (Reason.MEDIA, "format-keeps-changing")
        assert len(stage.puppets) == 3


@pytest.mark.parametrize("has_been_on_air", [False, True])
async def test_an_encoder_that_sends_nothing_to_begin_with_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_been_on_air: bool
) -> None:
    monkeypatch.setattr(stream_module, "BEGINS_WITHIN_S", 0.4)
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        if has_been_on_air:
            send_opening(publication)
            (await stage.encoder()).make(4.2)
            await until_row(state=State.ACTIVE)
            (await stage.encoder()).crash()
        publication.media(messages.video_header())
        row = await until_row(is_live=False)
        assert row.end_reason == Reason.IDLE
        assert stage.kicks == ["Neither picture nor sound came that could be shown."]


async def test_pictures_whose_times_stand_still_are_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "BEGINS_WITHIN_S", 0.4)
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        publication.media(messages.video_header())
        while not stage.stream.is_over:
            publication.media(messages.picture(0))
            await asyncio.sleep(0.02)
        row = await until_row(is_live=False)
        assert (row.end_reason, row.error) == (Reason.MEDIA, "no-key-frames")


async def test_a_silent_encoder_has_as_long_to_come_back_as_one_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "SILENT_S", 0.1)
    monkeypatch.setattr(stream_module, "BEGINS_WITHIN_S", 0.2)
    async with on_stage(tmp_path) as stage:
        await broadcast(stage)
        await until(lambda: stage.puppets[0].is_stopped)
        await asyncio.sleep(0.5)
        assert not stage.stream.is_over
