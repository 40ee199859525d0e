"""What other servers have taken in is a stream like any other."""

import asyncio
from pathlib import Path

import pytest
from channels.db import database_sync_to_async

from streaming.models import Stream
from streaming.origin.live.metrics import PullCollector
from streaming.rtmp.publishing import PublishRefused
from tests.factories import make_stream_key
from tests.streaming.origin.live.pulling import Place, at_a_place, publishing, server
from tests.streaming.origin.live.puppets import issued_secret, the_row, until, until_row

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]


async def on_air(place: Place, secret: str, *, kind: str = "nginx-rtmp") -> str:
    """Let a publisher in, and have something of it encoded; return its path."""
    path = await place.pulls.let_in(server(kind), publishing(secret))
    place.feed.say()
    (await place.stage.encoder()).make(4)
    await until_row(state=Stream.State.ACTIVE)
    return path


async def no_stream_is_there() -> bool:
    return not await database_sync_to_async(Stream.objects.exists)()


async def test_it_is_fetched_under_the_name_that_its_server_is_told(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        path = await on_air(place, secret)
        assert place.feed.fetched == [f"rtmp://edge.example.com/{path}"]
        assert secret not in path
        assert path.startswith("live/")
        assert len(place.pulls) == 1


async def test_nothing_is_fetched_for_a_wrong_key(tmp_path: Path) -> None:
    async with at_a_place(tmp_path) as place:
        with pytest.raises(PublishRefused, match="Unknown stream key"):
            await place.pulls.let_in(server(), publishing("no-key"))
        await until(lambda: not len(place.pulls))
        assert place.feed.fetched == []
    assert await no_stream_is_there()


async def test_one_that_is_asked_for_once_more_is_no_other(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        path = await on_air(place, secret)
        assert await place.pulls.let_in(server(), publishing(secret)) == path
        assert await place.pulls.let_in(server(), publishing(secret, has_begun=True)) == path
        assert len(place.feed.fetched) == 1


async def test_one_that_is_still_being_asked_for_is_not_asked_for_twice(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        # nginx asks every other second from the beginning, whether it has had an answer yet or not.
        first, second = await asyncio.gather(
            place.pulls.let_in(server(), publishing(secret)),
            place.pulls.let_in(server(), publishing(secret, has_begun=True)),
        )
        assert first == second
        await until(lambda: place.feed.fetched)
    assert await database_sync_to_async(Stream.objects.count)() == 1


async def test_metrics_count_what_is_fetched(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        await place.pulls.let_in(server(), publishing(secret))
        (pulls,) = PullCollector(place.pulls).collect()
        assert (pulls.name, pulls.samples[0].value) == ("nova_live_pulls", 1)


async def test_one_that_has_gone_may_come_back(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        await on_air(place, secret)
        place.pulls.unpublished(server(), "1")
        row = await until_row(state=Stream.State.ACTIVE)
        await until(lambda: not place.feed.listeners)
        await until(lambda: not len(place.pulls))
        assert (await the_row()).interrupted_at is not None
        await place.pulls.let_in(server(), publishing(secret, publisher="2"))
        place.feed.say()
        again = await until_row(interrupted_at=None)
    assert again.pk == row.pk


async def test_one_that_is_lost_on_the_way_is_fetched_again(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        await on_air(place, secret)
        place.feed.hang_up()
        await until(lambda: len(place.feed.fetched) == 2)
        row = await the_row()
        assert (row.state, row.interrupted_at is None) == (Stream.State.ACTIVE, False)
        place.feed.say()
        assert (await until_row(interrupted_at=None)).pk == row.pk


async def test_one_that_its_server_has_only_in_a_moment_is_fetched_again(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        await place.pulls.let_in(server(), publishing(secret))
        place.feed.hang_up()
        await until(lambda: len(place.feed.fetched) == 2)
        assert (await the_row()).state == Stream.State.PENDING
        place.feed.say()
        await until_row(state=Stream.State.ACTIVE)


async def test_one_that_is_lost_for_too_long_is_given_up_and_its_publisher_is_to_go(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path, patience_s=0.0) as place:
        await on_air(place, secret)
        place.feed.hang_up()
        await until(lambda: not len(place.pulls))
        assert (await the_row()).interrupted_at is not None
        with pytest.raises(PublishRefused):
            await place.pulls.let_in(server(), publishing(secret, has_begun=True))


async def test_the_publisher_of_a_stream_that_was_ended_is_to_go(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        await on_air(place, secret)
        place.stage.stream.end(Stream.EndReason.KICKED)
        await until(lambda: not place.feed.listeners)
        await until(lambda: not len(place.pulls))
        with pytest.raises(PublishRefused, match="ended by the portal"):
            await place.pulls.let_in(server(), publishing(secret, has_begun=True))


async def test_who_was_sent_away_a_moment_ago_does_not_come_back_by_being_asked_for(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        await on_air(place, secret)
        place.stage.stream.end(Stream.EndReason.KICKED)
        with pytest.raises(PublishRefused, match="ended by the portal"):
            await place.pulls.let_in(server(), publishing(secret, has_begun=True))
        await until_row(state=Stream.State.ENDED)
    assert await database_sync_to_async(Stream.objects.count)() == 1


async def test_who_was_sent_away_and_connects_again_is_asked_for_the_key_alone(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        await on_air(place, secret)
        place.stage.stream.end(Stream.EndReason.KICKED)
        await until_row(state=Stream.State.ENDED)
        await until(lambda: not len(place.pulls))
        # nginx was started again meanwhile, and counts its connections from one.
        await place.pulls.let_in(server(), publishing(secret))
        assert await database_sync_to_async(Stream.objects.count)() == 2


async def test_who_publishes_already_is_let_in_by_an_origin_that_was_started_again(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as first:
        path = await first.pulls.let_in(server(), publishing(secret))
    async with at_a_place(tmp_path) as second:
        assert await second.pulls.let_in(server(), publishing(secret, has_begun=True)) == path
        await until(lambda: second.feed.fetched)


async def test_nobody_brings_his_stream_into_the_channel_of_another(tmp_path: Path) -> None:
    mine, anothers = await issued_secret(), (await database_sync_to_async(make_stream_key)()).secret
    async with at_a_place(tmp_path) as place:
        await on_air(place, mine, kind="srs")
        with pytest.raises(PublishRefused, match="live already"):
            await place.pulls.let_in(server("srs"), publishing(anothers, publisher="2"))
        assert place.feed.listeners == 1
        assert await database_sync_to_async(Stream.objects.count)() == 1
        # Another server has a stream of the same name, which is another one.
        await place.pulls.let_in(server("srs", name="other"), publishing(anothers, publisher="2"))
        assert await database_sync_to_async(Stream.objects.count)() == 2


async def test_a_path_is_free_when_nothing_comes_of_it_any_more(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        await on_air(place, secret, kind="srs")
        place.feed.hang_up()
        await until(lambda: len(place.feed.fetched) == 2)
        row = await the_row()
        await place.pulls.let_in(server("srs"), publishing(secret, publisher="2"))
        await until(lambda: len(place.feed.fetched) == 3)
        await until(lambda: place.feed.listeners == 1)
        place.feed.say()
        assert (await until_row(interrupted_at=None)).pk == row.pk


async def test_who_has_no_key_disturbs_nobody_who_was_lost_for_a_moment(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        await on_air(place, secret, kind="srs")
        place.feed.hang_up()
        await until(lambda: len(place.feed.fetched) == 2)
        with pytest.raises(PublishRefused, match="Unknown stream key"):
            await place.pulls.let_in(server("srs"), publishing("no-key", publisher="2"))
        place.feed.say()
        await until_row(interrupted_at=None)


async def test_of_two_who_come_at_once_under_one_name_one_stays(tmp_path: Path) -> None:
    mine, anothers = await issued_secret(), await issued_secret()
    async with at_a_place(tmp_path) as place:
        answers = await asyncio.gather(
            place.pulls.let_in(server("srs"), publishing(mine)),
            place.pulls.let_in(server("srs"), publishing(anothers, publisher="2")),
            return_exceptions=True,
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["PublishRefused", "str"]
        await until(lambda: len(place.pulls) == 1)


async def test_a_second_publisher_of_a_channel_is_refused(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        await on_air(place, secret)
        with pytest.raises(PublishRefused, match="live already"):
            await place.pulls.let_in(server(), publishing(secret, publisher="2"))
        assert place.feed.listeners == 1


async def test_what_cannot_be_read_ends_the_stream(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        await on_air(place, secret)
        place.feed.say(b"\x09\xff\xff\xff" + bytes(7))
        await until(lambda: not len(place.pulls))
        assert (await the_row()).interrupted_at is not None


async def test_all_end_with_the_origin(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with at_a_place(tmp_path) as place:
        await on_air(place, secret)
        await place.pulls.close()
        assert place.feed.listeners == 0
        assert (await the_row()).state == Stream.State.ACTIVE
        await asyncio.sleep(0)
        assert len(place.pulls) == 0
