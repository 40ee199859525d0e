from streaming.media.live.supervision import Decision, GiveUp, GiveUpCause, Restart, RestartPolicy, Supervisor

POLICY = RestartPolicy(delays_s=(0.0, 1.0, 2.0), healthy_after_s=20, budget=4, window_s=600)


def decisions(*uptimes: float) -> list[Decision]:
    """Return what follows runs of these lengths, one after the other."""
    supervisor, at, found = Supervisor(POLICY), 0.0, []
    for uptime in uptimes:
        at += uptime
        found.append(supervisor.ended(at=at, uptime=uptime))
    return found


def test_the_first_start_comes_at_once_and_later_ones_wait_longer() -> None:
    assert decisions(1, 1, 1) == [Restart(0.0), Restart(1.0), Restart(2.0)]


def test_too_many_failures_in_a_row_end_it() -> None:
    assert decisions(1, 1, 1, 1)[-1] == GiveUp(GiveUpCause.KEEPS_FAILING)


def test_a_long_run_makes_good_what_failed_before() -> None:
    assert decisions(1, 1, 25, 1) == [Restart(0.0), Restart(1.0), Restart(0.0), Restart(1.0)]


def test_failures_that_keep_coming_use_up_the_budget() -> None:
    assert [type(decision) for decision in decisions(*[25] * 5)] == [Restart] * 4 + [GiveUp]


def test_failures_of_long_ago_do_not_count() -> None:
    assert decisions(*[400] * 20) == [Restart(0.0)] * 20
