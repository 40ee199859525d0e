"""Everything that is told, counted second by second."""

import random
from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analytics.counting.audience import MOST_SESSIONS, SEAL_AFTER_S, Audience
from analytics.counting.figures import MOST_QUALITIES, PORTAL, Figures
from analytics.records import Beacon, Count
from streaming.ingest_samples import IngestSample
from tests.analytics.counting.telling import MOVIE, STREAM, beacon, event, second, session_id

FIRST = second(0)


def an_audience() -> Audience:
    return Audience(first=FIRST, first_sealed=FIRST)


def figures_of(figures: tuple[Figures, ...], subject: str = MOVIE) -> list[Figures]:
    return [each for each in figures if each.subject == subject]


def column(figures: tuple[Figures, ...], name: str, subject: str = MOVIE) -> list[Any]:
    return [getattr(each, name) for each in figures_of(figures, subject)]


def watch(audience: Audience, *, session: str, viewer: int, until: int, subject: str = MOVIE, **members: Any) -> None:
    """Tell of somebody who plays from the beginning, every ten seconds, and leaves."""
    for sn, at in enumerate(range(0, until, 10_000)):
        audience.fold(beacon(event(at, sn, **members), session=session, viewer=viewer, subject=subject))
    audience.fold(beacon(event(until, 900, "q"), session=session, viewer=viewer, subject=subject))


def test_people_are_counted_once_and_their_players_each() -> None:
    audience = an_audience()
    watch(audience, session=session_id(), viewer=1, until=3000)
    watch(audience, session=session_id(), viewer=1, until=5000)
    watch(audience, session=session_id(), viewer=2, until=4000)
    told = audience.tick(FIRST + 6)
    assert column(told, "viewers") == [2, 2, 2, 2, 1, 0, 0]
    assert column(told, "sessions") == [3, 3, 3, 2, 1, 0, 0]
    assert column(told, "joins") == [2, 0, 0, 0, 0, 0, 0]
    assert column(told, "leaves") == [0, 0, 0, 0, 1, 1, 0]


def test_the_portal_counts_everybody_once() -> None:
    audience = an_audience()
    watch(audience, session=session_id(), viewer=1, until=3000)
    watch(audience, session=session_id(), viewer=1, until=6000, subject=STREAM)
    told = audience.tick(FIRST + 4)
    assert column(told, "viewers", PORTAL) == [1] * 5
    assert column(told, "sessions", PORTAL) == [2, 2, 2, 1, 1]
    assert column(told, "leaves", PORTAL) == [0] * 5


def test_who_changes_players_neither_joins_nor_leaves() -> None:
    audience = an_audience()
    watch(audience, session=session_id(), viewer=1, until=2300)
    audience.fold(beacon(event(2700, 0), session=session_id(), viewer=1))
    told = audience.tick(FIRST + 3)
    assert (column(told, "joins"), column(told, "leaves")) == ([1, 0, 0, 0], [0, 0, 0, 0])


def test_who_vanishes_counts_for_a_while_and_is_taken_back() -> None:
    audience = an_audience()
    session = session_id()
    audience.fold(beacon(event(500, 0), session=session))
    audience.fold(beacon(event(10_500, 1), session=session))
    live = audience.tick(FIRST + 60)
    assert sum(column(live, "viewers")) == 35
    assert sum(column(audience.seal(FIRST + 60), "viewers")) == 15


def test_while_many_watch_a_word_that_is_lost_costs_nobody_their_place() -> None:
    audience = an_audience()
    session = session_id()
    # It was told to tell every twenty seconds; what it told at the fortieth was lost.
    for sn, at in ((0, 500), (1, 20_500), (3, 60_500)):
        assert set(column(audience.tick(second(at) - 1), "viewers")) <= {1}
        audience.fold(beacon(event(at, sn), session=session, interval=20))
    assert column(audience.tick(FIRST + 60), "viewers") == [1]
    assert column(audience.seal(FIRST + 60), "viewers") == [1] * 61


def test_who_vanishes_while_many_watch_is_taken_back_as_well() -> None:
    audience = an_audience()
    audience.fold(beacon(event(500, 0), session=session_id(), interval=20))
    assert sum(column(audience.tick(FIRST + 60), "viewers")) == 50
    assert sum(column(audience.seal(FIRST + 60), "viewers")) == 5


def test_what_is_shown_is_averaged_over_those_who_tell() -> None:
    audience = an_audience()
    for viewer, (kbps, latency, quality) in enumerate([(5000, 3000, "1080p"), (2000, None, "480p"), (None, 5000, "")]):
        told = event(100, 0, br=kbps, ltc=latency, q=quality)
        audience.fold(beacon(told, session=session_id(), viewer=viewer, subject=STREAM))
    (figures,) = figures_of(audience.tick(FIRST), STREAM)
    assert (figures.shown_bps, figures.latency_ms) == (3_500_000, 4000)
    assert figures.qualities == {"1080p": 1, "480p": 1}


def test_names_that_players_make_up_do_not_pile_up() -> None:
    audience = an_audience()
    names = ["1080p", "1080p", "480p", "480p", *(f"made up {number}" for number in range(100))]
    sessions = [(session_id(), name) for name in names]
    for session, name in sessions:
        audience.fold(beacon(event(100, 0, q=name), session=session))
    (figures,) = figures_of(audience.tick(FIRST))
    assert len(figures.qualities) == MOST_QUALITIES
    assert (figures.qualities["1080p"], figures.qualities["480p"]) == (2, 2)
    for session, name in sessions[4:]:
        audience.fold(beacon(event(1100, 1, "q", q=name), session=session))
    (figures,) = figures_of(audience.tick(FIRST + 1))
    assert figures.qualities == {"1080p": 2, "480p": 2}


def test_who_waits_for_media_is_rebuffering() -> None:
    audience = an_audience()
    audience.fold(beacon(event(0, 0), event(1200, 1, "r"), event(3100, 2, "p"), session=session_id()))
    assert column(audience.tick(FIRST + 4), "rebuffering") == [0, 1, 1, 0, 0]


def test_errors_belong_to_the_second_in_which_they_happened() -> None:
    audience = an_audience()
    session = session_id()
    told = beacon(event(0, 0), event(2100, 1, e="e", ec="network"), event(2200, 2, e="e"), session=session)
    audience.fold(told)
    audience.fold(told)
    assert sum(column(audience.tick(FIRST + 5), "errors")) == 2
    assert column(audience.seal(FIRST + 4), "errors") == [0, 0, 2, 0, 0]


def test_an_error_that_is_told_again_is_one_also_where_it_comes_faster_then() -> None:
    audience = an_audience()
    session = session_id()
    audience.fold(beacon(event(2100, 1, e="e"), session=session))
    # Sent once more, and less long on its way.
    audience.fold(beacon(event(2050, 1, e="e"), session=session))
    assert sum(column(audience.tick(FIRST + 5), "errors")) == 1
    assert sum(column(audience.seal(FIRST + 5), "errors")) == 1


def test_how_events_come_is_counted() -> None:
    audience = an_audience()
    session = session_id()
    for number, at in ((0, 0), (3, 3000), (1, 1000), (3, 3000), (3, 2900), (4, 60_000)):
        audience.fold(beacon(event(at, number), session=session))
    audience.tick(FIRST + 100)
    audience.seal(FIRST + 61)
    audience.fold(beacon(event(70_000, 5), session=session))
    audience.fold(beacon(event(1000, 1), session=session))
    reception = audience.take_reception()
    assert reception.arrivals == {"in_order": 4, "late": 1, "again": 2, "too_late": 1}
    assert reception.missed == 2


def test_every_byte_that_was_told_is_in_the_sealed_seconds() -> None:
    audience = an_audience()
    chance = random.Random(7)
    total = 0
    for viewer in range(20):
        session, at, received = session_id(), chance.randrange(5000), 0
        for sn in range(30):
            audience.fold(beacon(event(at, sn, bytes=received), session=session, viewer=viewer))
            total += received if sn == 29 else 0
            at, received = at + chance.choice([300, 1700, 10_000]), received + chance.randrange(10**6)
    sealed = audience.seal(FIRST + 400)
    assert abs(sum(column(sealed, "egress_bps")) - total * 8) <= len(sealed)
    assert column(sealed, "egress_bps") == column(sealed, "egress_bps", PORTAL)[: len(column(sealed, "egress_bps"))]


def test_bytes_that_players_receive_are_told_live_as_they_came_last() -> None:
    audience = an_audience()
    audience.fold(beacon(event(0, 0, bytes=0), event(2000, 1, bytes=1_000_000), session=session_id()))
    assert column(audience.tick(FIRST + 3), "egress_bps") == [4_000_000] * 4


def test_a_curve_comes_down_to_nothing_and_ends() -> None:
    audience = an_audience()
    watch(audience, session=session_id(), viewer=1, until=1000)
    told = audience.tick(FIRST + 100)
    assert column(told, "viewers") == [1] + [0] * 61
    assert len(column(told, "viewers", PORTAL)) == 101


def test_what_was_told_of_is_sealed() -> None:
    audience = an_audience()
    audience.recall_told(FIRST + 2, [STREAM])
    assert column(audience.seal(FIRST + 3), "second", STREAM)[0] == FIRST + 2


def test_a_stream_on_air_has_figures_also_if_nobody_watches() -> None:
    audience = an_audience()
    for number in range(4):
        sample = IngestSample(
            stream=STREAM.removeprefix("stream:"), at=(FIRST + number) * 1000 + 900, received_bytes=250_000 * number
        )
        audience.take_sample(sample)
    told = audience.tick(FIRST + 3)
    assert column(told, "ingress_bps", STREAM) == [2_000_000] * 3
    assert column(told, "viewers", STREAM) == [0] * 3
    assert column(told, "ingress_bps", PORTAL) == [None, 2_000_000, 2_000_000, 2_000_000]


def test_those_who_are_there_at_the_beginning_do_not_join() -> None:
    audience = an_audience()
    audience.fold(beacon(event(100, 0), session=session_id()))
    audience.begin()
    told = audience.tick(FIRST + 1)
    assert (column(told, "viewers"), column(told, "joins")) == ([1], [0])


def test_a_late_word_is_counted_from_where_nothing_holds_yet() -> None:
    audience = an_audience()
    audience.tick(FIRST + 70)
    audience.seal(FIRST + 20)
    session = session_id()
    told = [event(at, sn) for sn, at in enumerate(range(0, 60_001, 10_000))]
    audience.fold(beacon(*told, session=session, came=70_000))
    assert column(audience.seal(FIRST + 62), "viewers")[-42:] == [1] * 42


def test_counts_are_told_of_what_somebody_watches() -> None:
    audience = an_audience()
    watch(audience, session=session_id(), viewer=1, until=3000)
    audience.tick(FIRST)
    assert audience.counts() == {PORTAL: Count(viewers=1, sessions=1), MOVIE: Count(viewers=1, sessions=1)}
    audience.tick(FIRST + 5)
    assert audience.counts() == {PORTAL: Count(viewers=0, sessions=0)}


def test_a_count_is_told_when_it_has_changed_and_somebody_can_be_told() -> None:
    audience = an_audience()
    watch(audience, session=session_id(), viewer=1, until=3000)
    audience.tick(FIRST)
    assert audience.take_changed([]) == {}
    assert audience.take_changed([MOVIE, STREAM]) == {MOVIE: 1}
    assert audience.take_changed([MOVIE]) == {}
    audience.tick(FIRST + 5)
    assert audience.take_changed([MOVIE]) == {MOVIE: 0}
    assert audience.take_changed([MOVIE]) == {}


def test_a_count_that_nobody_could_be_told_of_is_told_again() -> None:
    audience = an_audience()
    watch(audience, session=session_id(), viewer=1, until=3000)
    audience.tick(FIRST + 5)
    audience.forget_told(audience.take_changed([MOVIE]) or [MOVIE])
    assert audience.take_changed([MOVIE, STREAM]) == {MOVIE: 0}
    assert audience.take_changed([MOVIE, STREAM]) == {}


def test_a_session_that_is_silent_is_over_is_written_and_is_forgotten() -> None:
    audience = an_audience()
    audience.fold(beacon(event(0, 0), session=session_id()))
    (session,) = audience.take_unwritten(10)
    audience.forget_over([session])
    audience.seal(FIRST + 150 - SEAL_AFTER_S)
    assert not session.is_silent
    audience.seal(FIRST + 151 - SEAL_AFTER_S)
    assert audience.take_unwritten(10) == [session]
    assert session.ending is not None
    audience.forget_over([session])
    assert audience.sessions == {}
    assert audience.sealed.tallies[PORTAL].sessions == 0


def test_a_session_that_is_heard_again_goes_on() -> None:
    audience = an_audience()
    session = session_id()
    audience.fold(beacon(event(0, 0), session=session))
    audience.seal(FIRST + 151 - SEAL_AFTER_S)
    audience.fold(beacon(event(160_000, 1), session=session))
    (known,) = audience.take_unwritten(10)
    assert known.ending is None
    audience.forget_over([known])
    assert session in audience.sessions


def test_an_old_session_is_not_written_before_it_was_looked_up() -> None:
    audience = an_audience()
    session = session_id(began=-3_600_000)
    audience.fold(beacon(event(0, 40), session=session))
    assert audience.unread == {session}
    assert audience.take_unwritten(10) == []
    audience.unread.clear()
    assert [each.id for each in audience.take_unwritten(10)] == [session]


def test_there_is_room_for_so_many_and_no_more() -> None:
    audience = an_audience()
    known = audience.sessions
    audience.fold(beacon(event(0, 0), session=session_id()))
    (session,) = known.values()
    known.update((str(number), session) for number in range(MOST_SESSIONS))
    audience.fold(beacon(event(0, 0), session=session_id()))
    assert audience.take_reception().turned_away == 1
    assert audience.take_reception().turned_away == 0


@st.composite
def crowds(draw: st.DrawFn) -> list[Beacon]:
    """A few players of a few people, for a minute."""
    told = []
    for number in range(draw(st.integers(1, 4))):
        moments = sorted(draw(st.sets(st.integers(0, 59_999), min_size=1, max_size=6)))
        for sn, at in enumerate(moments):
            state = draw(st.sampled_from(["s", "p", "p", "r", "a", "q"]))
            told.append(
                beacon(
                    event(at, sn, state, bytes=sn * 1000, e=draw(st.sampled_from(["t", "e"]))),
                    session=session_id(number=number),
                    viewer=number % 3,
                    subject=[MOVIE, STREAM][number % 2],
                    interval=draw(st.sampled_from([10, 20])),
                )
            )
    return told


@hypothesis_settings(max_examples=60)
@given(crowds(), st.randoms(use_true_random=False))
def test_sealed_figures_do_not_depend_on_how_they_were_told(told: list[Beacon], chance: random.Random) -> None:
    def sealed(beacons: list[Beacon]) -> tuple[Figures, ...]:
        audience = an_audience()
        for each in beacons:
            audience.fold(each)
        return audience.seal(FIRST + 90)

    shuffled = [*told, *chance.choices(told, k=len(told))]
    chance.shuffle(shuffled)
    assert {(each.subject, each.second): each for each in sealed(shuffled)} == {
        (each.subject, each.second): each for each in sealed(told)
    }


@hypothesis_settings(max_examples=60)
@given(crowds())
def test_viewers_are_those_before_and_who_joined_without_who_left(told: list[Beacon]) -> None:
    audience = an_audience()
    for each in told:
        audience.fold(each)
    for counted in (audience.tick(FIRST + 90), audience.seal(FIRST + 90)):
        for subject in (MOVIE, STREAM, PORTAL):
            before = 0
            for figures in figures_of(counted, subject):
                assert figures.viewers == before + figures.joins - figures.leaves
                assert figures.viewers <= figures.sessions
                before = figures.viewers
