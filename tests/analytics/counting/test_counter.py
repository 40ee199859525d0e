"""What counting costs: a second is worth what changes in it, not what goes on."""

from analytics.counting.counter import Counter
from analytics.counting.ingress import Ingress
from analytics.counting.presence import LIVE, SEALED
from analytics.counting.session import Session
from tests.analytics.counting.telling import MOVIE, START, beacon, event, second, session_id

CROWD = 10_000


class Noted(dict[str, Session]):
    """Sessions that count how often one of them is looked at."""

    looked_at = 0

    def get(self, *arguments: object) -> Session | None:  # type: ignore[override]  # the one way in which it is called
        self.looked_at += 1
        return super().get(str(arguments[0]))


def test_of_ten_thousand_those_are_looked_at_of_which_something_changes() -> None:
    sessions = Noted()
    counters = [Counter(rule, sessions, Ingress(), second=second(0) - 1) for rule in (LIVE, SEALED)]
    for viewer in range(CROWD):
        told = beacon(event(0, 0), event(10_000, 1), session=session_id(), viewer=viewer)
        session = sessions[told.session] = Session.of(told)
        for each in told.events:
            session.hear(each)
            for counter in counters:
                counter.look_at(session.id, each.at)
    for counter in counters:
        counter.advance()
    changing = next(iter(sessions))
    sessions.looked_at = 0
    for counter in counters:
        counter.look_at(changing, START + 3000)
        viewers = [each.viewers for _ in range(9) for each in counter.advance() if each.subject == MOVIE]
        assert viewers == [CROWD] * 9
    assert sessions.looked_at == 2
