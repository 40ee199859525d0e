"""Telling the services what becomes of a stream."""

import asyncio

import pytest
from django.db import OperationalError

from streaming.origin.live.reports import Reports

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]


class Told:
    """A service that notes what it is told; at first it cannot, as often as it was said."""

    def __init__(self, *, outages: int = 0) -> None:
        self.heard: list[str] = []
        self._outages = outages

    def __call__(self, *, what: str) -> None:
        if self._outages:
            self._outages -= 1
            raise OperationalError("the database is away")
        self.heard.append(what)


def failing(*, what: str) -> None:
    raise LookupError(what)


async def test_what_happened_is_told_in_its_order() -> None:
    told, failures = Told(), list[Exception]()
    reports = Reports(on_failure=failures.append)
    for what in ("started", "playable", "ended"):
        reports.tell(told, what=what)
    await reports.settle()
    assert told.heard == ["started", "playable", "ended"]
    assert failures == []


async def test_an_outage_of_the_database_only_delays_it() -> None:
    told, failures = Told(outages=2), list[Exception]()
    reports = Reports(on_failure=failures.append)
    for what in ("started", "ended"):
        reports.tell(told, what=what)
    async with asyncio.timeout(30):
        await reports.settle()
    assert told.heard == ["started", "ended"]
    assert failures == []


async def test_a_service_that_refuses_keeps_nothing_else_from_being_told() -> None:
    told, failures = Told(), list[Exception]()
    reports = Reports(on_failure=failures.append)
    reports.tell(failing, what="started")
    reports.tell(told, what="ended")
    await reports.settle()
    assert [type(failure) for failure in failures] == [LookupError]
    assert told.heard == ["ended"]
