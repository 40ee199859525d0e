from streaming.media.live.health import Health, HealthPolicy
from streaming.media.live.supervision import Lighten, Restart

POLICY = HealthPolicy(first_within_s=10, stuck_after_s=6, behind_s=2, behind_for_s=8)


def make_health() -> Health:
    return Health(POLICY, started_at=100.0)


def run(health: Health, seconds: range, *, speed: float) -> None:
    """Feed it in real time, and let it make so much of each second."""
    for second in seconds:
        health.fed(at=100.0 + second, media_s=second)
        health.made(at=100.0 + second, media_s=second * speed)


def test_one_that_keeps_up_is_left_alone() -> None:
    health = make_health()
    run(health, range(60), speed=0.99)
    assert health.judge(at=160.0) is None
    assert health.behind_s < 1


def test_one_that_makes_nothing_at_all_is_started_again() -> None:
    health = make_health()
    health.fed(at=100.5, media_s=0.5)
    health.fed(at=109.0, media_s=9.0)
    assert health.judge(at=109.0) is None
    assert health.judge(at=110.0) == Restart(0.0)


def test_one_that_is_fed_nothing_is_not_to_blame() -> None:
    assert make_health().judge(at=500.0) is None
    health = make_health()
    run(health, range(30), speed=0.98)
    assert health.judge(at=500.0) is None


def test_one_that_stops_in_the_middle_is_started_again() -> None:
    health = make_health()
    run(health, range(30), speed=1.0)
    for second in range(30, 36):
        health.fed(at=100.0 + second, media_s=second)
    assert health.judge(at=134.0) is None
    assert health.judge(at=135.0) == Restart(0.0)


def test_one_that_falls_behind_for_long_gets_less_to_do() -> None:
    health = make_health()
    judged = []
    for second in range(30):
        run(health, range(second, second + 1), speed=0.8)
        judged.append(health.judge(at=100.0 + second))
    # Two seconds behind after eleven, and so for eight.
    assert judged.index(Lighten()) == 19


def test_a_busy_moment_passes() -> None:
    health = make_health()
    health.fed(at=100.0, media_s=5)
    health.made(at=100.0, media_s=1)
    assert health.judge(at=100.0) is None
    health.made(at=105.0, media_s=5)
    assert health.judge(at=105.0) is None
    health.fed(at=109.0, media_s=9)
    assert health.judge(at=109.0) is None
