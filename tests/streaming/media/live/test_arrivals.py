import pytest

from streaming.media.live.arrivals import Arrivals


def fed(seconds: float, *, begun_s: float = 100.0) -> Arrivals:
    arrivals = Arrivals()
    for frame in range(round(30 * seconds) + 1):
        arrivals.reach(frame / 30, at_s=begun_s + frame / 30)
    return arrivals


@pytest.mark.parametrize("media_s", [0.5, 2.0, 3.99])
def test_what_has_come_is_known_to_a_step(media_s: float) -> None:
    assert fed(4.0).came_at(media_s) == pytest.approx(100 + media_s, abs=0.06)


def test_what_has_not_come_is_not_known() -> None:
    assert fed(4.0).came_at(4.2) is None
    assert Arrivals().came_at(1.0) is None


def test_media_that_comes_at_once_has_come_at_once() -> None:
    arrivals = Arrivals()
    for frame in range(60):
        arrivals.reach(frame / 30, at_s=7.0)
    assert arrivals.came_at(1.0) == 7.0


def test_twenty_seconds_are_remembered() -> None:
    arrivals = fed(120.0)
    assert arrivals.came_at(119.0) == pytest.approx(219.0, abs=0.06)
    assert len(arrivals._marks) == 400
