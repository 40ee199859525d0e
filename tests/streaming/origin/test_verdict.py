"""What the edge hears of each address before it gives the file out itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import clock
from portal.telemetry.asgi import Application
from streaming.origin.revoked import Revocations
from tests.streaming.origin.media import FAULTY_TOKENS, PACKAGE, Answer, Revoked, ask, make_token, origin_of

pytestmark = pytest.mark.asyncio


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Application]:
    revocations = Revocations()
    revocations.replace([Revoked(subject="movie:13", issued_before=clock.now())])
    with origin_of(tmp_path, revocations=revocations) as application:
        yield application


async def verdict(origin: Application, asked: str) -> Answer:
    return await ask(origin, "/verdict", {"X-Original-URI": asked})


async def test_a_good_token_names_its_package(origin: Application) -> None:
    for tail in ("", "?a=b", "?/../x"):
        answer = await verdict(origin, f"/m/{make_token()}/v/1.m4s{tail}")
        assert (answer.status, answer.headers["x-nova-package"], answer.body) == (204, PACKAGE, b"")
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("fault", FAULTY_TOKENS)
async def test_any_other_is_refused_with_its_reason(origin: Application, fault: str) -> None:
    token, code = FAULTY_TOKENS[fault]
    answer = await verdict(origin, f"/m/{token}/v/1.m4s")
    assert (answer.status, answer.headers["x-nova-problem"]) == (403, code)
    assert "x-nova-package" not in answer.headers


@pytest.mark.parametrize("name", ["index.json", "../x.m4s", "%2e%2e/x.m4s", "v/1.m4s%00", ""])
async def test_a_name_that_no_file_can_have_is_refused_too(origin: Application, name: str) -> None:
    answer = await verdict(origin, f"/m/{make_token()}/{name}")
    assert (answer.status, answer.headers["x-nova-problem"]) == (403, "media-not-found")


async def test_who_does_not_say_what_is_asked_for_finds_nothing(origin: Application) -> None:
    answer = await ask(origin, "/verdict")
    assert (answer.status, answer.body) == (404, b"")


async def test_it_is_only_read(origin: Application) -> None:
    assert (await ask(origin, "/verdict", method="POST")).status == 405
