from portal.embedded.restarts import RestartPolicy

POLICY = RestartPolicy(delays_s=(0.5, 1.0), healthy_after_s=10)


def test_each_death_in_a_row_waits_longer() -> None:
    assert POLICY.next_delay(deaths_in_a_row=1) == 0.5
    assert POLICY.next_delay(deaths_in_a_row=2) == 1.0


def test_it_gives_up_when_the_delays_are_used_up() -> None:
    assert POLICY.next_delay(deaths_in_a_row=3) is None


def test_a_long_life_wipes_the_slate_clean() -> None:
    assert POLICY.deaths_after(deaths_in_a_row=2, uptime_s=10) == 1


def test_a_short_life_adds_to_the_row() -> None:
    assert POLICY.deaths_after(deaths_in_a_row=2, uptime_s=9.9) == 3


def test_the_default_brings_a_child_back_within_ten_seconds_of_its_first_deaths() -> None:
    assert sum(RestartPolicy().delays_s[:4]) < 10
