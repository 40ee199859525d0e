"""Sessions as rows, and the sums of those that are over."""

import random
from dataclasses import replace
from typing import Any

import pytest
from django.db.models import Count, Q, Sum

from analytics.counting.figures import PORTAL
from analytics.counting.session import Session
from analytics.models import MetricDay, PlaybackSession, RetentionEdge, Subject
from analytics.reading.days import read_totals
from analytics.reading.periods import Days
from analytics.records import PlayerEvent
from analytics.score import Attempt, score_of
from analytics.store.past import recall_recent, recall_sessions
from analytics.store.sessions import count_viewers, row_of, write_sessions
from portal.models import User
from tests.analytics.counting.telling import MOVIE, STREAM, beacon, event, session_id, viewer_key
from tests.analytics.store.rooms import AT, make_room

pytestmark = pytest.mark.django_db

LENGTH_MS = 100_000


@pytest.fixture
def ids(db: None) -> dict[str, int]:
    return make_room()


def session(*events: PlayerEvent, **members: Any) -> Session:
    told = beacon(*events, **{"session": session_id(), "length": LENGTH_MS, **members})
    made = Session.of(told)
    for each in events:
        made.hear(each, interval=told.interval)
    return made


def write(ids: dict[str, int], *sessions: Session) -> None:
    days = write_sessions([row_of(each, ids) for each in sessions], portal_id=ids[PORTAL])
    count_viewers(days)


def days(**lookup: Any) -> MetricDay:
    return MetricDay.objects.get(**lookup)


def curve(subject_id: int, name: str = "views") -> list[int]:
    """Return the curve of retention: how many saw each hundredth."""
    edges = dict(RetentionEdge.objects.filter(subject_id=subject_id).values_list("bucket", name))
    present = 0
    return [present := present + edges.get(bucket, 0) for bucket in range(101)]


def test_a_session_is_written_with_all_that_is_known_of_it(ids: dict[str, int], viewer: User) -> None:
    watching = session(
        event(0, 0, "s", msd=None),
        event(
            10_000,
            1,
            "p",
            pt=9000,
            watch=9100,
            bsa=2,
            bsda=700,
            seek=50,
            ups=1,
            downs=2,
            dfa=3,
            bytes=5_000_000_000,
            rate_ms=18_000_000,
            br=2000,
            q="720p",
            ltc=4100,
            upscale=0.25,
            upscale_most=0.5,
            e="e",
        ),
        user=viewer.pk,
        device="tv",
        country="TH",
        viewer=5,
        interval=20,
    )
    write(ids, watching)
    row = PlaybackSession.objects.get()
    assert (row.session.hex, row.viewer_key.hex, row.subject_id) == (watching.id, viewer_key(5), ids[MOVIE])
    assert (row.user, row.device, row.country, row.length_ms) == (viewer, "tv", "TH", LENGTH_MS)
    assert (row.day, row.started_at, (row.last_seen_at - AT).total_seconds()) == (AT.date(), AT, 10)
    assert (row.ended_at, row.end_reason, row.state, row.first_frame_ms) == (None, "", "p", 400)
    assert (row.watch_ms, row.stall_count, row.stall_ms, row.seek_ms) == (9100, 2, 700, 50)
    assert (row.switches_up, row.switches_down, row.dropped_frames, row.errors) == (1, 2, 3, 1)
    assert (row.received_bytes, row.bitrate_ms, row.bitrate_kbps) == (5_000_000_000, 18_000_000, 2000)
    assert row.interval_s == 20
    assert (row.quality, row.latency_ms, row.upscale_average, row.upscale_most) == ("720p", 4100, 0.25, 0.5)
    assert not MetricDay.objects.exists()


def test_what_is_written_again_grows_and_is_not_taken_back(ids: dict[str, int]) -> None:
    name = session_id()
    late = session(event(20_000, 2, watch=20_000, q="480p"), session=name)
    early = session(event(10_000, 1, watch=10_000, q="1080p"), session=name)
    write(ids, late)
    write(ids, early)
    row = PlaybackSession.objects.get()
    assert (row.watch_ms, (row.last_seen_at - AT).total_seconds()) == (20_000, 20)


def test_a_session_that_goes_on_with_another_is_no_view_of_its_own(ids: dict[str, int]) -> None:
    write(ids, session(event(0, 0), event(10_000, 1, "q", watch=10_000)))
    first = days(subject=ids[MOVIE])
    further = session(
        event(10_000, 0, msd=0, renewed=True),
        event(30_000, 1, "q", msd=0, watch=20_000, renewed=True),
        session=session_id(10_000),
    )
    write(ids, further)
    both = days(subject=ids[MOVIE])
    names = ("views", "plays", "exits", "startup_ms", "scored", "viewers")
    assert [getattr(both, name) for name in names] == [getattr(first, name) for name in names]
    assert (both.views, both.watch_ms) == (1, 30_000)
    (recalled, past), *_ = recall_sessions([further.id])
    assert not recalled.is_renewed
    recalled.recall(past)
    assert recalled.is_renewed


def test_no_number_of_liars_stops_the_sums_of_the_others(ids: dict[str, int]) -> None:
    most = event(0, 0, "q", bsa=2**31 - 1, watch=2**31, bytes=2**53, rate_ms=2**53, bsda=2**31, pt=2**53)
    write(ids, *(session(most, viewer=number) for number in range(3)))
    day = days(subject=ids[MOVIE])
    assert (day.views, day.stall_count, day.received_bytes) == (3, 3 * (2**31 - 1), 3 * 2**53)


def test_who_was_deleted_meanwhile_is_nobody(ids: dict[str, int]) -> None:
    write(ids, session(event(0, 0), user=999_999))
    assert PlaybackSession.objects.get().user_id is None


def test_a_player_that_tells_nonsense_does_not_stop_the_others(ids: dict[str, int]) -> None:
    odd = session(
        event(0, 0, pt=10**14, msd=10**14, bsa=10**14, dfa=10**14, ltc=10**14, br=10**14),
        event(9000, 1, pt=10**14 + 9000),
        device="a watch with a very long name",
        country="Thailand",
    )
    write(ids, odd, session(event(0, 0)))
    assert PlaybackSession.objects.count() == 2


def test_a_session_that_ends_is_added_to_its_day_and_to_the_portals(ids: dict[str, int]) -> None:
    watching = session(event(0, 0), event(9000, 1, "q", watch=9000, bsda=300, bsa=1, bytes=7), viewer=5)
    write(ids, watching)
    for name in (MOVIE, PORTAL):
        day = days(subject_id=ids[name])
        assert (day.day, day.views, day.viewers, day.plays, day.exits, day.failures) == (AT.date(), 1, 1, 1, 0, 0)
        assert (day.startup_ms, day.watch_ms, day.stall_ms, day.stall_count, day.received_bytes) == (
            400,
            9000,
            300,
            1,
            7,
        )


def test_a_session_that_is_over_has_its_score_and_its_day_the_sums(ids: dict[str, int]) -> None:
    told = {"watch": 9000, "bsa": 1, "bsda": 300, "upscale": 0.5, "upscale_most": 0.7}
    watched = session(event(0, 0), event(9000, 1, "q", **told))
    failed = session(event(0, 0, "s", msd=None), event(900, 1, "f", msd=None), viewer=2)
    refused = session(event(0, 0, "s", msd=None), event(900, 1, "f", msd=None, fatal=True, business=True), viewer=3)
    write(ids, watched, failed, refused)
    score = score_of(
        Attempt(
            first_frame_ms=400,
            lasted_ms=9000,
            watch_ms=9000,
            stall_count=1,
            stall_ms=300,
            upscale_average=0.5,
            upscale_most=0.7,
        )
    )
    assert score is not None
    row = PlaybackSession.objects.get(watch_ms=9000)
    assert {name: getattr(row, name) for name in score.columns()} == score.columns()
    for name in (MOVIE, PORTAL):
        totals = read_totals(name, Days(first=AT.date(), last=AT.date()))
        expected = replace(score, overall=score.overall / 2, success=50.0)
        assert (totals.scored, totals.score) == (2, expected)


def test_it_is_added_once_however_often_it_is_written(ids: dict[str, int]) -> None:
    watching = session(event(0, 0, pt=0), event(9000, 1, "q", pt=9000, watch=9000))
    for _ in range(3):
        write(ids, watching)
    assert days(subject_id=ids[MOVIE]).watch_ms == 9000
    assert curve(ids[MOVIE])[:10] == [1] * 9 + [0]


def test_who_goes_on_after_all_is_taken_back_and_added_again(ids: dict[str, int]) -> None:
    watching = session(event(0, 0, pt=0), event(9000, 1, "q", pt=9000, watch=9000))
    write(ids, watching)
    watching.hear(event(20_000, 2, "p", pt=9000, watch=9000))
    write(ids, watching)
    assert (PlaybackSession.objects.get().ended_at, PlaybackSession.objects.get().score) == (None, None)
    assert (days(subject_id=ids[MOVIE]).views, days(subject_id=ids[MOVIE]).watch_ms) == (0, 0)
    assert (days(subject_id=ids[MOVIE]).scored, days(subject_id=ids[MOVIE]).started_scored) == (0, 0)
    assert set(curve(ids[MOVIE])) == {0}
    watching.hear(event(40_000, 3, "q", pt=29_000, watch=29_000))
    write(ids, watching)
    assert (days(subject_id=ids[MOVIE]).views, days(subject_id=ids[MOVIE]).watch_ms) == (1, 29_000)
    assert curve(ids[MOVIE]) == [1] * 29 + [0] * 72


@pytest.mark.parametrize(
    ("told", "members"),
    [
        pytest.param([event(0, 0, "s", msd=None), event(900, 1, "q", msd=None)], {"exits": 1}, id="left before"),
        pytest.param([event(0, 0, "s", msd=None), event(900, 1, "f", msd=None)], {"failures": 1}, id="failed before"),
        pytest.param([event(0, 0), event(900, 1, "f")], {"plays": 1, "failures": 1}, id="failed after"),
        pytest.param(
            [event(0, 0, "s", msd=None), event(900, 1, "f", msd=None, fatal=True, business=True, ec="expired")],
            {},
            id="was not to see it",
        ),
        pytest.param([event(0, 0), event(900, 1, "e")], {"plays": 1}, id="saw the end"),
    ],
)
def test_a_view_is_a_play_an_exit_or_a_failure(
    ids: dict[str, int], told: list[PlayerEvent], members: dict[str, int]
) -> None:
    write(ids, session(*told))
    day = days(subject_id=ids[MOVIE])
    assert {name: getattr(day, name) for name in ("plays", "exits", "failures")} == {
        "plays": 0,
        "exits": 0,
        "failures": 0,
        **members,
    }


def test_silence_is_an_end_too(ids: dict[str, int]) -> None:
    watching = session(event(0, 0))
    watching.is_silent = True
    write(ids, watching)
    row = PlaybackSession.objects.get()
    assert row.ended_at is not None
    assert (row.end_reason, (row.ended_at - AT).total_seconds()) == ("SILENT", 5)
    assert (days(subject_id=ids[MOVIE]).plays, days(subject_id=ids[MOVIE]).drops) == (1, 1)


def test_a_failure_tells_why(ids: dict[str, int]) -> None:
    write(ids, session(event(0, 0, "f", e="e", ec="media-decode", fatal=True)))
    row = PlaybackSession.objects.get()
    assert (row.end_reason, row.fatal_code, row.is_business) == ("FAILED", "media-decode", False)


def test_people_are_counted_once_a_day_for_each_subject(ids: dict[str, int]) -> None:
    ended = (event(0, 0), event(900, 1, "q"))
    write(
        ids,
        *(session(*ended, viewer=viewer) for viewer in (1, 1, 2)),
        *(session(*ended, viewer=viewer, subject=STREAM) for viewer in (2, 3)),
        session(event(0, 0), viewer=4),
    )
    assert {name: days(subject_id=ids[name]).viewers for name in (MOVIE, STREAM, PORTAL)} == {
        MOVIE: 2,
        STREAM: 2,
        PORTAL: 3,
    }


def test_a_part_that_was_watched_twice_is_two_views_of_one_viewer(ids: dict[str, int]) -> None:
    told = [(0, "p", 0), (20_000, "k", 10_000), (20_100, "p", 10_000), (50_000, "q", 40_000)]
    write(ids, session(*(event(at, sn, sta, pt=pt) for sn, (at, sta, pt) in enumerate(told))))
    assert curve(ids[MOVIE]) == [1] * 10 + [2] * 10 + [1] * 20 + [0] * 61
    assert curve(ids[MOVIE], "viewers") == [1] * 40 + [0] * 61


def test_the_end_of_the_film_is_its_last_hundredth(ids: dict[str, int]) -> None:
    told = [event(0, 0, pt=95_000), event(10_000, 1, "e", pt=101_000)]
    write(ids, session(*told))
    assert curve(ids[MOVIE]) == [0] * 95 + [1] * 5 + [0]


def test_what_is_live_has_no_curve(ids: dict[str, int]) -> None:
    write(ids, session(event(0, 0, pt=0), event(9000, 1, "q", pt=9000), subject=STREAM, length=None))
    assert not RetentionEdge.objects.exists()


def test_days_are_always_what_the_sessions_that_are_over_come_to(ids: dict[str, int]) -> None:
    chance = random.Random(3)
    sessions = [session(event(0, 0, pt=0), viewer=number % 5) for number in range(12)]
    for sn in range(1, 8):
        for each in sessions:
            state = chance.choice(["p", "p", "a", "q", "e", "f"])
            each.hear(event(10_000 * sn, sn, state, pt=10_000 * sn, watch=9000 * sn, bytes=sn))
        write(ids, *chance.sample(sessions, 8))
        over = PlaybackSession.objects.filter(ended_at__isnull=False)
        sums = over.aggregate(
            views=Count("session"),
            watch_ms=Sum("watch_ms"),
            received_bytes=Sum("received_bytes"),
            failures=Count("session", filter=Q(end_reason="FAILED")),
            viewers=Count("viewer_key", distinct=True),
        )
        for day in MetricDay.objects.all():
            assert {name: getattr(day, name) for name in sums} == {name: value or 0 for name, value in sums.items()}


def test_what_was_stored_is_read_back_as_it_was(ids: dict[str, int]) -> None:
    told = session(
        event(0, 0, pt=0),
        event(9000, 1, "r", pt=9000, watch=9000, bsa=1, bsda=400, bytes=70, br=800, q="480p", ltc=10, e="e"),
        subject=STREAM,
        device="tv",
        viewer=9,
        interval=20,
    )
    write(ids, told)
    ((again, past),) = recall_recent(since=AT, at=AT)
    again.recall(past)
    assert (again.id, again.subject, again.viewer, again.length, again.device) == (
        told.id,
        STREAM,
        viewer_key(9),
        LENGTH_MS,
        "tv",
    )
    assert (again.sums, again.sections, again.errors, again.shown, again.ending) == (
        told.sums,
        told.sections,
        told.errors,
        told.shown,
        None,
    )
    last, original = again.marks[-1], told.marks[-1]
    assert (last.at, last.state, last.interval, last.kbps, last.quality, last.latency) == (
        original.at,
        original.state,
        original.interval,
        original.kbps,
        original.quality,
        original.latency,
    )


def test_those_are_read_back_that_go_on_or_have_just_ended(ids: dict[str, int]) -> None:
    going_on, ended = session(event(0, 0)), session(event(0, 0, "q"))
    write(ids, going_on, ended)
    later = beacon(event(300_000, 0), session=session_id()).at / 1000
    since = AT.fromtimestamp(later, AT.tzinfo)
    assert [each.id for each, _ in recall_recent(since=since, at=since)] == [going_on.id]
    assert {each.id for each, _ in recall_recent(since=AT, at=since)} == {going_on.id, ended.id}
    assert [each.id for each, _ in recall_sessions([ended.id, session_id()])] == [ended.id]


def test_a_subject_keeps_its_row(ids: dict[str, int]) -> None:
    assert make_room() == ids
    assert Subject.objects.count() == 3
