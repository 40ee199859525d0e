"""What is known of a session does not depend on how it was told."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.counting.marks import Mark
from analytics.counting.session import Past, Session, Sums
from analytics.records import PlayerEvent
from tests.analytics.counting.telling import MOVIE, START, beacon, event, session_id

ID = session_id()


def session(*events: PlayerEvent, **members: Any) -> Session:
    made = Session.of(beacon(event(0, 0), session=ID, **members))
    for each in events:
        made.hear(each)
    return made


def known(of: Session) -> dict[str, Any]:
    """Return all that is known of a session."""
    return {
        "sums": of.sums,
        "ending": of.ending,
        "shown": (of.shown, of.shown_at),
        "sections": of.sections,
        "errors": of.errors,
        "latest": of.latest,
        "states": [(mark.at, mark.state, mark.since, mark.kbps, mark.quality, mark.latency) for mark in of.marks],
    }


def past(heard: int, **members: Any) -> Past:
    defaults: dict[str, Any] = {
        "mark": Mark(START + heard, event(heard, -1)),
        "shown": 400,
        "sums": Sums(),
        "sections": [],
        "errors": 0,
        "fatal": None,
        "upscale": None,
    }
    return Past(**{**defaults, **members})


@st.composite
def tellings(draw: st.DrawFn) -> list[PlayerEvent]:
    """A session of up to a minute: counters grow, states change as they like, some members are not told."""
    moments = sorted(draw(st.lists(st.integers(0, 60_000), min_size=1, max_size=12)))
    told, watch, position, received = [], 0, 0, 0
    for sn, at in enumerate(moments):
        watch, received = watch + draw(st.integers(0, 5000)), received + draw(st.integers(0, 10**6))
        position += draw(st.integers(-20_000, 20_000))
        told.append(
            event(
                at,
                sn,
                draw(st.sampled_from(["s", "p", "p", "k", "r", "a", "e", "f", "q", None])),
                e=draw(st.sampled_from(["t", "t", "ps", "e"])),
                msd=draw(st.none() | st.just(400)),
                pt=draw(st.none() | st.just(max(0, position))),
                br=draw(st.none() | st.integers(100, 9000)),
                q=draw(st.none() | st.sampled_from(["480p", "1080p"])),
                upscale=draw(st.none() | st.floats(0, 3)),
                fatal=draw(st.booleans()),
                watch=watch,
                bytes=received,
                bsda=watch // 10,
            )
        )
    return told


@given(tellings(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(told: list[PlayerEvent], chance: random.Random) -> None:
    shuffled = [*told, *chance.choices(told, k=len(told))]
    chance.shuffle(shuffled)
    assert known(session(*shuffled)) == known(session(*told))


@given(tellings(), st.integers(0, 60_000))
def test_what_is_forgotten_has_been_counted(told: list[PlayerEvent], before: int) -> None:
    whole, cut = session(*told), session(*told)
    cut.forget(START + before)
    for each in told:
        cut.hear(each)
    one, other = known(whole), known(cut)
    assert one.pop("states")[-1] == other.pop("states")[-1]
    assert one == other


@given(tellings(), st.data())
def test_who_begins_anew_from_what_was_stored_knows_the_same(told: list[PlayerEvent], data: st.DataObject) -> None:
    # Two events of one moment are written together, or the second one is lost.
    told = [each for each in told if [other.at for other in told].count(each.at) == 1] or told[:1]
    index = data.draw(st.integers(0, len(told) - 1))
    first = session(*told[: index + 1])
    stored = past(
        told[index].at - START,
        mark=Mark(told[index].at, event(told[index].at - START, -1, first.marks[-1].state, bytes=first.sums.received)),
        shown=first.shown,
        sums=first.sums,
        sections=first.sections,
        errors=first.errors,
        upscale=first.latest.upscale[1] if first.latest.upscale else None,
        fatal=first.latest.fatal[1] if first.latest.fatal else None,
    )
    again = Session.of(beacon(told[0], session=ID))
    again.recall(stored)
    for each in told:
        again.hear(each)
    whole = session(*told)
    assert (again.sums, again.sections, again.errors) == (whole.sums, whole.sections, whole.errors)
    assert again.marks[-1].state == whole.marks[-1].state


def test_a_session_tells_when_it_began() -> None:
    assert session().started == START


def test_the_largest_of_what_grows_holds() -> None:
    heard = session(event(2000, 1, watch=900, dfa=7, bytes=10), event(1000, 0, watch=1200, dfa=2, upscale_most=0.5))
    assert (heard.sums.watch, heard.sums.dropped, heard.sums.received) == (1200, 7, 10)
    assert heard.sums.upscale_most == 0.5


def test_the_last_word_holds_for_what_changes() -> None:
    heard = session(event(2000, 1, br=800, q="480p"), event(1000, 0, br=5000, q="1080p", ltc=3000))
    last = heard.marks[-1]
    assert (last.kbps, last.quality, last.latency) == (800, "480p", 3000)


def test_an_event_that_was_sent_twice_happened_when_it_came_the_faster() -> None:
    heard = session(event(1500, 3), event(1200, 3), event(1700, 3))
    assert [mark.at for mark in heard.marks] == [START + 1200]


@pytest.mark.parametrize("intervals", [(10, 20), (20, 10)])
@pytest.mark.parametrize("moments", [(1200, 1500), (1500, 1200)])
def test_of_two_answers_to_one_event_the_longer_interval_holds(
    moments: tuple[int, int], intervals: tuple[int, int]
) -> None:
    heard = session()
    for at, interval in zip(moments, intervals, strict=True):
        heard.hear(event(at, 3), interval=interval)
    assert [(mark.at - START, mark.silence) for mark in heard.marks] == [(1200, 50_000)]


@pytest.mark.parametrize(
    ("states", "ending"),
    [
        (["p"], None),
        (["p", "e"], (START + 1000, "ENDED")),
        (["p", "q"], (START + 1000, "QUIT")),
        (["p", "f"], (START + 1000, "FAILED")),
        # Who closes the page after the end has seen the end.
        (["p", "e", "q"], (START + 1000, "ENDED")),
        (["p", "f", "q"], (START + 1000, "FAILED")),
        # From the back/forward cache, and from the beginning once more.
        (["p", "q", "p"], None),
        (["p", "e", "p"], None),
        (["p", "a", "q"], (START + 2000, "QUIT")),
        (["p", "q", None], (START + 1000, "QUIT")),
    ],
)
def test_how_it_ends(states: list[str | None], ending: tuple[int, str] | None) -> None:
    assert session(*(event(1000 * sn, sn, sta) for sn, sta in enumerate(states))).ending == ending


def test_silence_ends_it_a_little_after_its_last_word() -> None:
    heard = session(event(0, 0), event(10_000, 1))
    heard.is_silent = True
    assert heard.ending == (START + 15_000, "SILENT")


def test_rebuffering_has_begun_with_the_first_word_of_it() -> None:
    heard = session(event(0, 0), event(1000, 1, "r"), event(11_000, 2, "r"), event(12_000, 3, None))
    assert heard.marks[-1].since == START + 1000


def test_the_first_frame_was_shown_when_it_is_first_known_of() -> None:
    heard = session(event(500, 1, msd=None), event(2000, 3, msd=700), event(1000, 2, msd=700))
    assert (heard.shown, heard.shown_at) == (700, START + 1000)


def test_an_error_counts_once_however_often_it_is_told() -> None:
    wrong = event(1000, 1, e="e", ec="media-decode")
    assert session(event(0, 0), wrong, wrong, event(2000, 2, e="e", ec="network")).errors == 2


def test_the_last_fatal_error_is_the_cause() -> None:
    heard = session(
        event(3000, 2, "f", e="e", ec="network", fatal=True, business=True),
        event(1000, 1, "f", e="e", ec="media-decode", fatal=True),
    )
    assert heard.latest.fatal is not None
    assert heard.latest.fatal[1] == ("network", True)


def test_what_was_stored_is_not_counted_again() -> None:
    heard = Session.of(beacon(event(0, 0), session=ID))
    heard.recall(past(10_000, errors=3, sections=[0, 9000], sums=Sums(watch=9000)))
    heard.hear(event(9000, 4, e="e"))
    heard.hear(event(20_000, 5, e="e", watch=19_000))
    assert (heard.errors, heard.sums.watch, heard.sections) == (4, 19_000, [0, 9000])


def test_a_session_of_nothing_told_keeps_its_subject() -> None:
    assert session(length=1000).subject == MOVIE


def test_what_has_not_come_when_a_later_event_does_is_missed() -> None:
    session = Session.of(beacon(event(0, 0), session=session_id()))
    assert [session.missed_before(number) for number in (0, 1, 4, 2, 4, 5, 7)] == [0, 0, 2, 0, 0, 0, 1]


def test_what_was_before_the_first_event_is_nobodys_fault() -> None:
    session = Session.of(beacon(event(0, 9), session=session_id()))
    assert session.missed_before(9) == 0
