from datetime import timedelta
from uuid import UUID

import pytest

from streaming.origin.revoked import Revocations
from streaming.services.revocations import movie_subject, session_subject
from tests.factories import AT
from tests.streaming.origin.media import Revoked, make_claims

SESSION = UUID(int=7)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("subject", [movie_subject(42), session_subject(SESSION)])
def test_what_was_issued_before_counts_no_more(subject: str) -> None:
    revocations = Revocations()
    revocations.replace([Revoked(subject=subject, issued_before=AT)])
    assert revocations.is_revoked(make_claims(movie_id=42, session_id=SESSION, issued_at=AT - SECOND))
    assert not revocations.is_revoked(make_claims(movie_id=42, session_id=SESSION, issued_at=AT))


def test_others_are_left_alone() -> None:
    revocations = Revocations()
    revocations.replace([Revoked(subject=movie_subject(42), issued_before=AT)])
    assert not revocations.is_revoked(make_claims(movie_id=4, session_id=SESSION, issued_at=AT - SECOND))
    assert not revocations.is_revoked(make_claims(movie_id=420, session_id=SESSION, issued_at=AT - SECOND))


def test_the_latest_moment_counts_in_whatever_order_they_come() -> None:
    rows = [Revoked(subject=movie_subject(42), issued_before=AT + shift * SECOND) for shift in (0, 5, 1)]
    revocations = Revocations()
    revocations.replace(rows)
    assert revocations.count == 1
    assert revocations.is_revoked(make_claims(movie_id=42, issued_at=AT + 4 * SECOND))


def test_what_is_no_longer_told_is_forgotten() -> None:
    revocations = Revocations()
    revocations.replace([Revoked(subject=movie_subject(42), issued_before=AT)])
    revocations.replace([])
    assert revocations.count == 0
    assert not revocations.is_revoked(make_claims(movie_id=42, issued_at=AT - SECOND))
