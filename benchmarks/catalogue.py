"""What viewers and editors of a large catalogue wait for: 10,000 films, 50,000 people, 100 users at once.

    .venv/bin/python -m benchmarks.catalogue [load|edits|edges]

Users think for 2 to 8 seconds between requests, as people do, and type a letter every 0.15 to 0.25 s; what the portal
can do when nobody thinks at all is told besides, without a bar. Everything runs on one machine: the share of a core
that the load driver takes from the portal is in the table. Exits with 1 when a bar is missed.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from random import Random
from urllib.parse import quote

from benchmarks.big_catalogue import plans
from benchmarks.big_catalogue.running import big_portal
from benchmarks.big_catalogue.texts import misspell
from benchmarks.catalogue_changes import measure_edges, measure_edits
from benchmarks.load import Ask, Outcome, visit
from benchmarks.results import Row, percentile, print_rows
from tests.e2e.running import Portal

USERS = 100
WARM_UP_S = 15
PATIENT_S = 90
CLOSED_LOOP_USERS = 16
CLOSED_LOOP_S = 20
ANSWER_BAR_MS = 200
_PAGE, _API = "/movies/", "/api/v1/movies/"
_ORDERS = ("", "title", "-year", "runtime")


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table of these parts, or of all; 1 if a bar is missed."""
    wanted = arguments or tuple(PARTS)
    with big_portal() as portal:
        return print_rows(row for name in wanted for row in PARTS[name](portal))


def measure_load(portal: Portal) -> Iterator[Row]:
    yield Row(what="load average of the machine before", figure=os.getloadavg()[0], unit="")
    asyncio.run(visit(portal.url, wander, people=USERS // 4, seconds=WARM_UP_S))
    outcome = asyncio.run(visit(portal.url, wander, people=USERS, seconds=PATIENT_S))
    yield from told(outcome)
    flood = asyncio.run(visit(portal.url, wander, people=CLOSED_LOOP_USERS, seconds=CLOSED_LOOP_S, is_patient=False))
    yield Row(
        what=f"capacity, {CLOSED_LOOP_USERS} users who do not think", figure=flood.count / flood.seconds, unit="/s"
    )
    yield Row(what="errors meanwhile", figure=len(flood.failures), unit="", bar=0)


def told(outcome: Outcome) -> Iterator[Row]:
    for kind, times in sorted(outcome.times_s.items()):
        p50, p95 = (percentile(times, share) * 1000 for share in (0.5, 0.95))
        what = f"{kind}: p95 of {len(times)} (p50 {p50:.0f} ms, longest {max(times) * 1000:.0f} ms)"
        yield Row(what=what, figure=p95, unit="ms", bar=ANSWER_BAR_MS)
    yield Row(what=f"errors of {outcome.count} requests", figure=len(outcome.failures), unit="", bar=0)
    yield Row(what=f"requests, {USERS} users who think 2 to 8 s", figure=outcome.count / outcome.seconds, unit="/s")
    yield Row(what="the load driver's own share of a core", figure=outcome.own_cpu * 100, unit="%")
    for failure in outcome.failures[:10]:
        print(failure, file=sys.stderr)


# --- What users do ----------------------------------------------------------------------------------------------------


def wander(lot: Random) -> Iterator[Ask]:
    """Do one thing, as a page in a browser or as an application that asks the API."""
    (thing,) = lot.choices((_browse, _search, _open_film, _type), weights=(3, 3, 4, 1))
    yield from thing(lot)


def _browse(lot: Random) -> Iterator[Ask]:
    order = lot.choice(_ORDERS)
    genre = lot.choice(plans.GENRES).lower()
    yield _either(lot, "list", lot.choice((f"sort={order}" if order else "", f"genre={genre}")))


def _search(lot: Random) -> Iterator[Ask]:
    kind, text = _asked(lot)
    yield _either(lot, f"search, {kind}", f"q={quote(text)}")


def _open_film(lot: Random) -> Iterator[Ask]:
    root = lot.choice((_PAGE, _API))
    yield Ask(f"film, {_face(root)}", f"{root}{_film(lot).slug}/", _thought(lot))


def _type(lot: Random) -> Iterator[Ask]:
    """Type a word or a few characters, and look at what is suggested for each."""
    _kind, text = _asked(lot)
    for end in range(1, min(len(text), 10) + 1):
        yield Ask("search as you type, API", f"/api/v1/suggestions/?q={quote(text[:end])}", lot.uniform(0.15, 0.25))
    yield Ask("search as you type, API", f"/api/v1/suggestions/?q={quote(text)}", _thought(lot))


def _either(lot: Random, kind: str, query: str) -> Ask:
    root = lot.choice((_PAGE, _API))
    # The API has no filters of the list but these.
    return Ask(f"{kind}, {_face(root)}", f"{root}{f'?{query}' if query else ''}", _thought(lot))


def _face(root: str) -> str:
    return "API" if root == _API else "page"


def _thought(lot: Random) -> float:
    return lot.uniform(2, 8)


def _film(lot: Random) -> plans.FilmPlan:
    films = _seen()
    # New films are asked for more than old ones.
    return films[-1 - min(int(lot.paretovariate(0.5)), len(films) - 1)]


def _seen() -> tuple[plans.FilmPlan, ...]:
    if not _SEEN:
        _SEEN.extend(film for film in plans.films() if film.is_always_seen)
    return tuple(_SEEN)


_SEEN: list[plans.FilmPlan] = []


def _asked(lot: Random) -> tuple[str, str]:
    """Return what somebody looks for: words of a title, part of one in a script without spaces, or a misspelt word."""
    film = _film(lot)
    title = film.original_title or film.title
    if not title.isascii():
        start = lot.randrange(max(1, len(title) - 3))
        return ("Thai" if film.language == "th" else "Chinese"), title[start : start + lot.randint(2, 6)]
    words = [word for word in title.split() if len(word) > 3] or ["night"]
    if lot.random() < 0.3:
        return "misspelt", misspell(lot.choice(words), lot)
    return "words", " ".join(words[: lot.randint(1, 2)])


PARTS: dict[str, Callable[[Portal], Iterator[Row]]] = {
    "load": measure_load,
    "edits": measure_edits,
    "edges": measure_edges,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
