"""A socket may be open for days: what its person was allowed when it was opened does not hold for as long."""

from collections.abc import Callable
from time import monotonic
from types import SimpleNamespace

import pytest
from channels.auth import get_user
from channels.db import database_sync_to_async
from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session

from analytics.events import AudienceSampled
from catalog.models import Movie
from catalog.services import movies
from portal import clock, consumers, events
from portal.consumers import CloseCode
from portal.models import User
from streaming.models import Channel
from streaming.services import live
from tests.factories import AT, make_channel, make_movie, make_stream
from tests.sockets import open_socket

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

in_thread = database_sync_to_async
PORTAL = {"subject": "portal", "title": "", "viewers": 6}


def take_role_away(person: User) -> None:
    person.groups.clear()


def put_out_of_use(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def change_password(person: User) -> None:
    person.set_password("another of eighteen letters")
    person.save()


def sign_out(person: User) -> None:
    for session in Session.objects.all():
        SessionStore(session.session_key).flush()


ENDS = pytest.mark.parametrize("end", [take_role_away, put_out_of_use, change_password, sign_out])


@pytest.fixture
def hour_later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets an hour pass for sockets."""

    def let_pass() -> None:
        now = monotonic()
        monkeypatch.setattr(consumers, "monotonic", lambda: now + 3600)

    return let_pass


async def sample() -> None:
    sampled = AudienceSampled(at=int(clock.now().timestamp()), subjects=(PORTAL,))
    await in_thread(events.publish_all)([sampled], at=clock.now())


@ENDS
@pytest.mark.parametrize("asks", [False, True], ids=["hears an event", "asks for a snapshot"])
async def test_who_may_not_any_more_is_told_no_figure(
    operator: User, hour_later: Callable[[], None], end: Callable[[User], None], asks: bool
) -> None:
    async with open_socket("/ws/dashboard/", user=operator) as socket:
        await socket.receive_envelope()
        await in_thread(end)(operator)
        hour_later()
        await (socket.send_json_to({"type": "snapshot.request"}) if asks else sample())
        assert await socket.receive_close_code() == CloseCode.UNKNOWN


async def test_who_still_may_hears_everything_in_order(operator: User, hour_later: Callable[[], None]) -> None:
    async with open_socket("/ws/dashboard/", user=operator) as socket:
        first = (await socket.receive_envelope())["seq"]
        hour_later()
        for _ in range(3):
            await sample()
        assert [(await socket.receive_envelope())["seq"] - first for _ in range(3)] == [1, 2, 3]


async def test_rights_are_looked_at_once_a_minute(
    operator: User, hour_later: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []

    async def count(scope: dict[str, object]) -> User:
        looked.append(scope)
        user: User = await get_user(scope)
        return user

    monkeypatch.setattr(consumers, "get_user", count)
    async with open_socket("/ws/dashboard/", user=operator) as socket:
        await socket.receive_envelope()
        await sample()
        await socket.receive_envelope()
        assert looked == []
        hour_later()
        for _ in range(3):
            await sample()
            await socket.receive_envelope()
    assert len(looked) == 1


async def test_an_editor_who_is_none_any_more_hears_nothing_of_a_hidden_movie(
    editor: User, hour_later: Callable[[], None]
) -> None:
    movie = await in_thread(make_movie)(slug="meridian", visibility=Movie.Visibility.HIDDEN)
    async with open_socket("/ws/movies/meridian/", user=editor) as socket:
        await socket.receive_envelope()
        await in_thread(take_role_away)(editor)
        hour_later()
        await in_thread(movies.update_movie)(by=None, at=AT, movie_id=movie.pk, changes={"title": "Meridian II"})
        assert await socket.receive_close_code() == CloseCode.UNKNOWN


@pytest.mark.parametrize("path", ["/ws/channels/studio/", "/ws/streams/{}/"])
async def test_an_owner_who_signed_out_hears_nothing_of_the_private_channel(
    broadcaster: User, hour_later: Callable[[], None], path: str
) -> None:
    channel = await in_thread(make_channel)(slug="studio", owner=broadcaster, visibility=Channel.Visibility.PRIVATE)
    stream = await in_thread(make_stream)(channel)
    async with open_socket(path.format(stream.pk), user=broadcaster) as socket:
        await socket.receive_envelope()
        await in_thread(sign_out)(broadcaster)
        hour_later()
        await in_thread(live.interrupt_stream)(stream_id=stream.pk, at=clock.now())
        assert await socket.receive_close_code() == CloseCode.UNKNOWN


async def test_a_fault_while_rights_are_read_ends_the_socket_so_that_the_page_comes_again(
    operator: User, hour_later: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(scope: object) -> SimpleNamespace:
        raise ConnectionError("the database is away")

    async with open_socket("/ws/dashboard/", user=operator) as socket:
        await socket.receive_envelope()
        monkeypatch.setattr(consumers, "get_user", fail)
        hour_later()
        await sample()
        assert await socket.receive_close_code() == 1011
