"""Scores counted anew, when their formula has another version."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from analytics import partitions
from analytics.counting.figures import PORTAL
from analytics.models import MetricDay, PlaybackSession, RetentionEdge
from analytics.score import SCORE_VERSION
from analytics.store.sessions import row_of, write_sessions
from tests.analytics.counting.telling import MOVIE, STREAM, event, session_id
from tests.analytics.figures import make_day
from tests.analytics.store.rooms import AT, make_room
from tests.analytics.store.test_sessions import session

pytestmark = pytest.mark.django_db

# A formula that everybody was very content with.
OLD: dict[str, Any] = {
    "score": 99.0,
    "score_version": 0,
    "score_success": 100.0,
    "score_startup": 99.0,
    "score_smoothness": 99.0,
    "score_quality": None,
}


@pytest.fixture
def counted(db: None) -> dict[str, Any]:
    """Return what was counted by the formula of now, after all of it has been made that of before."""
    ids = make_room()
    began = [session_id(number) for number in range(5)]
    watched = [
        session(event(0, 0), event(20_000, 1, "e", bsa=1, bsda=2000, watch=20_000), session=began[0]),
        session(event(0, 0), event(9_000, 1, "q", upscale=0.5, upscale_most=1.0), session=began[1], subject=STREAM),
        session(event(0, 0, "s", msd=None), event(900, 1, "q", msd=None), session=began[2]),
        session(event(0, 0, "f", msd=None, fatal=True, ec="media-decode", e="e"), session=began[3]),
        session(event(0, 0), session=began[4]),
    ]
    write_sessions([row_of(each, ids) for each in watched], portal_id=ids[PORTAL])
    figures = told()
    over = PlaybackSession.objects.filter(score__isnull=False)
    over.update(**OLD)
    for day in MetricDay.objects.all():
        day.scores, day.success_scores = 99.0 * day.scored, 100.0 * day.scored
        day.startup_scores = day.smoothness_scores = 99.0 * day.scored
        day.started_scored, day.quality_scores, day.quality_scored = day.scored, 0.0, 0
        day.save()
    return figures


def told() -> dict[str, Any]:
    """Return all that can be read of scores, and what must not change with them."""
    days = {row["subject_id"]: _rounded({**row}) for row in MetricDay.objects.values()}
    sessions = {row["session"]: row for row in PlaybackSession.objects.values()}
    edges = set(RetentionEdge.objects.values_list("subject_id", "bucket", "views", "viewers"))
    return {"days": days, "sessions": sessions, "edges": edges}


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Sums that are made in another order differ far behind the point."""
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in row.items()}


def recount(**options: Any) -> list[str]:
    out = StringIO()
    call_command("recount_scores", stdout=out, **options)
    return [line for line in out.getvalue().splitlines() if ": 0 sessions" not in line]


def test_sessions_and_days_are_as_if_they_had_been_counted_so_at_once(counted: dict[str, Any]) -> None:
    assert told() != counted
    assert recount() == [
        f"{AT.date()}: 4 sessions, 3 with another score.",
        f"Their scores are of version {SCORE_VERSION}.",
    ]
    assert told() == counted


def test_one_session_at_a_time_comes_to_the_same(counted: dict[str, Any]) -> None:
    assert recount(at_once=1)[0].endswith(": 4 sessions, 3 with another score.")
    assert told() == counted


def test_who_begins_anew_changes_nothing_more(counted: dict[str, Any]) -> None:
    recount()
    assert recount()[0].endswith(": 4 sessions, 0 with another score.")
    assert told() == counted


def test_what_goes_on_has_no_score(counted: dict[str, Any]) -> None:
    recount()
    assert PlaybackSession.objects.get(ended_at=None).score is None


def test_other_days_are_left_alone(counted: dict[str, Any]) -> None:
    tomorrow = AT.date() + timedelta(days=1)
    before = told()
    assert recount(**{"from": tomorrow}) == [f"Their scores are of version {SCORE_VERSION}."]
    assert recount(to=AT.date() - timedelta(days=1)) == [f"Their scores are of version {SCORE_VERSION}."]
    assert told() == before


def test_days_whose_sessions_are_gone_are_told(counted: dict[str, Any]) -> None:
    long_ago = AT.date() - timedelta(days=200)
    subject = PlaybackSession.objects.filter(subject__name=MOVIE).first()
    assert subject is not None
    make_day(subject.subject, long_ago, scored=30, scores=30 * 90.0)
    assert recount()[-1] == "Of 1 earlier days the sessions are kept no longer: their scores stay as they are."
    assert MetricDay.objects.get(day=long_ago).scores == 2700
    assert long_ago not in {start for _name, start in partitions.existing(partitions.SESSIONS)}


@pytest.mark.parametrize(("option", "text"), [("--from", "yesterday"), ("--to", "2026-13-01"), ("--at-once", "0")])
def test_what_makes_no_sense_is_said(option: str, text: str) -> None:
    with pytest.raises(CommandError, match=text):
        call_command("recount_scores", option, text)


def test_a_portal_without_figures_has_nothing_to_count(db: None) -> None:
    assert recount(**{"from": date(2026, 1, 1)}) == [f"Their scores are of version {SCORE_VERSION}."]
