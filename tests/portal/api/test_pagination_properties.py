"""Walking a list by its cursors while rows come and go: what stays all the time is met exactly once, in order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.api.pagination import Cursor, read_page
from portal.models import AuditEntry
from tests.factories import AT

pytestmark = pytest.mark.django_db

ORDERINGS = (("-at", "-id"), ("at", "id"), ("action", "-id"), ("-action", "at", "id"))
some = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# Few moments and names, so that most rows share theirs with others.
rows = st.tuples(st.integers(0, 4), st.sampled_from(["a", "b", "é", ""]))
many_rows = st.lists(rows, max_size=25)
sizes = st.integers(1, 7)
orderings = st.sampled_from(ORDERINGS)


@contextmanager
def nothing_stays() -> Iterator[None]:
    """Give each example an empty table."""
    with transaction.atomic():
        AuditEntry.objects.all().delete()
        yield
        transaction.set_rollback(True)


def add(described: list[tuple[int, str]]) -> list[int]:
    made = AuditEntry.objects.bulk_create(
        AuditEntry(at=_moment(step), action=action, object_type="test") for step, action in described
    )
    return [entry.pk for entry in made]


def _moment(step: int) -> datetime:
    return AT + timedelta(microseconds=step)


def walk(
    ordering: tuple[str, ...],
    size: int,
    *,
    start: Cursor | None = None,
    is_backward: bool = False,
    between: Callable[[], object] = lambda: None,
) -> list[list[int]]:
    """Return the ids of each page, one way along the list; `between` happens after each page."""
    pages, cursor = [], start
    while True:
        page = read_page(AuditEntry.objects.filter(object_type="test"), ordering, cursor, size=size)
        pages.append([row.pk for row in page.rows])
        cursor = page.previous if is_backward else page.next
        if cursor is None:
            return pages
        between()


def in_order(ordering: tuple[str, ...]) -> list[int]:
    return list(AuditEntry.objects.filter(object_type="test").order_by(*ordering).values_list("pk", flat=True))


def flat(pages: list[list[int]]) -> list[int]:
    return [pk for page in pages for pk in page]


@some
@given(described=many_rows, ordering=orderings, size=sizes)
def test_every_row_is_met_once_and_every_page_but_the_last_is_full(
    described: list[tuple[int, str]], ordering: tuple[str, ...], size: int
) -> None:
    with nothing_stays():
        add(described)
        pages = walk(ordering, size)
        assert flat(pages) == in_order(ordering)
        assert all(len(page) == size for page in pages[:-1])
        assert bool(pages[-1]) is bool(described)


@some
@given(described=st.lists(rows, min_size=1, max_size=25), ordering=orderings, size=sizes, data=st.data())
def test_from_any_row_the_ways_there_and_back_are_the_rest_of_the_list(
    described: list[tuple[int, str]], ordering: tuple[str, ...], size: int, data: Any
) -> None:
    with nothing_stays():
        add(described)
        ids = in_order(ordering)
        place = data.draw(st.integers(0, len(ids) - 1))
        row = AuditEntry.objects.get(pk=ids[place])
        values = tuple(_plain(getattr(row, field.removeprefix("-"))) for field in ordering)
        onward = walk(ordering, size, start=Cursor(values=values))
        back = walk(ordering, size, start=Cursor(values=values, is_backward=True), is_backward=True)
        assert flat(onward) == ids[place + 1 :]
        assert [pk for page in reversed(back) for pk in page] == ids[:place]


@some
@given(described=many_rows, later=st.lists(st.lists(rows, max_size=3), max_size=6), ordering=orderings, size=sizes)
def test_rows_that_come_meanwhile_neither_hide_nor_repeat_others(
    described: list[tuple[int, str]], later: list[list[tuple[int, str]]], ordering: tuple[str, ...], size: int
) -> None:
    with nothing_stays():
        there = add(described)
        coming = iter(later)
        met = flat(walk(ordering, size, between=lambda: add(next(coming, []))))
        assert len(met) == len(set(met))
        assert [pk for pk in met if pk in there] == [pk for pk in in_order(ordering) if pk in there]


@some
@given(described=many_rows, ordering=orderings, size=sizes, data=st.data())
def test_rows_that_go_meanwhile_take_no_other_with_them(
    described: list[tuple[int, str]], ordering: tuple[str, ...], size: int, data: Any
) -> None:
    with nothing_stays():
        there = add(described)
        going = list(data.draw(st.permutations(there)))[: len(there) // 2]
        leaving = iter(list(going))

        def lose_one() -> None:
            AuditEntry.objects.filter(pk=next(leaving, 0)).delete()

        met = flat(walk(ordering, size, between=lose_one))
        stayed = in_order(ordering)
        assert len(met) == len(set(met))
        assert [pk for pk in met if pk in stayed] == stayed
        assert set(met) - set(stayed) <= set(going)


def _plain(value: object) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)
