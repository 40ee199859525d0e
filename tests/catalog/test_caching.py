"""When what was read of the catalogue ceases to be true."""

from datetime import timedelta

import pytest

from catalog.models import AvailabilityWindow
from tests.factories import AT, make_movie, make_window

pytestmark = pytest.mark.django_db


def test_the_next_edge_is_the_first_that_opens_or_closes() -> None:
    make_window(make_movie(), starts_at=AT - timedelta(days=1), ends_at=AT + timedelta(hours=5))
    make_window(make_movie(), starts_at=AT + timedelta(hours=3))
    make_window(make_movie(), starts_at=AT - timedelta(days=9), ends_at=AT)

    windows = AvailabilityWindow.objects.all()

    assert windows.next_edge(AT) == AT + timedelta(hours=3)
    assert windows.next_edge(AT + timedelta(hours=3)) == AT + timedelta(hours=5)
    assert windows.next_edge(AT + timedelta(hours=5)) is None


def test_an_edge_elsewhere_is_none_here() -> None:
    make_window(make_movie(), starts_at=AT + timedelta(hours=1), territories=["LA"])

    assert AvailabilityWindow.objects.holding_in("TH").next_edge(AT) is None
    assert AvailabilityWindow.objects.holding_in("LA").next_edge(AT) == AT + timedelta(hours=1)
