from datetime import UTC, datetime, timedelta

from portal.ids import uuid7

AT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def test_it_is_a_version_7_uuid_that_carries_its_time() -> None:
    made = uuid7(AT)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == int(AT.timestamp() * 1000)


def test_later_ones_sort_behind_earlier_ones() -> None:
    assert uuid7(AT) < uuid7(AT + timedelta(milliseconds=1))


def test_two_of_one_moment_differ() -> None:
    assert uuid7(AT) != uuid7(AT)
