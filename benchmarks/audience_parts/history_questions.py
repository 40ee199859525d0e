"""Ask what the dashboard asks, and tell how long each answer took; run as a program of its own.

    python -m benchmarks.audience_parts.history_questions DAYS STREAMS [explain]

Prints lines of JSON; with `explain`, the plan of each query instead.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.db import connection  # noqa: E402 - once the apps are loaded
from django.test.utils import CaptureQueriesContext  # noqa: E402

from analytics.counting.figures import PORTAL  # noqa: E402
from analytics.models import MetricSecond  # noqa: E402
from analytics.reading.audience import read_movie, read_portal, read_stream  # noqa: E402
from analytics.reading.days import read_totals  # noqa: E402
from analytics.reading.periods import Days, Period  # noqa: E402
from analytics.reading.retention import read_retention  # noqa: E402
from analytics.reading.sessions import active_sessions, count_watching  # noqa: E402
from analytics.reading.titles import read_top_titles  # noqa: E402
from benchmarks.audience_parts.history_names import MOVIES_WITH_CURVES, names_of_streams  # noqa: E402
from catalog.models import Movie  # noqa: E402
from streaming.models import Stream  # noqa: E402

_TIMES = 40
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

Question = Callable[[Random], object]


def main(days: int, streams: int, wish: str = "") -> None:
    # As web does: a full pass over what stays for good would be a part of one answer in twenty.
    gc.collect()
    gc.freeze()
    lot = Random(1)
    latest = MetricSecond.objects.order_by("-at").values_list("at", flat=True)[:1]
    questions = _questions(latest[0] + timedelta(seconds=1), days, streams)
    for what, ask in questions.items():
        if wish == "explain":
            _explain(what, ask, lot)
        else:
            print(json.dumps({"what": what, "times_ms": [_time(ask, lot) for _ in range(_TIMES)]}), flush=True)


def _questions(at: datetime, days: int, streams: int) -> dict[str, Question]:
    names, whole = names_of_streams(streams), days * _DAY
    month = Days(first=(at - whole).date(), last=at.date())

    def stream(lot: Random) -> Stream:
        return Stream(pk=UUID(lot.choice(names).removeprefix("stream:")))

    def movie(lot: Random) -> Movie:
        return Movie(pk=lot.randint(1, MOVIES_WITH_CURVES))

    def past(lot: Random, length: timedelta) -> Period:
        """Choose any time of the history: most of it is in no cache."""
        start = at - whole + lot.random() * (whole - length)
        return Period(starts_at=start, ends_at=start + length)

    def last(length: timedelta) -> Period:
        return Period(starts_at=at - length, ends_at=at)

    return {
        "portal, last hour by the second": lambda lot: read_portal(last(_HOUR), at=at),
        "portal, last two days by the minute": lambda lot: read_portal(last(2 * _DAY), at=at),
        f"portal, {days} days by the hour": lambda lot: read_portal(last(whole), at=at),
        "stream, last hour by the second": lambda lot: read_stream(stream(lot), last(_HOUR), at=at),
        "stream, any hour by the second": lambda lot: read_stream(stream(lot), past(lot, _HOUR), at=at),
        "stream, any day by the minute": lambda lot: read_stream(stream(lot), past(lot, _DAY), at=at),
        f"stream, {days} days by the hour": lambda lot: read_stream(stream(lot), last(whole), at=at),
        f"totals of {days} days": lambda lot: read_totals(PORTAL, month),
        f"what was watched most in {days} days": lambda lot: read_top_titles(month),
        f"movie, {days} days": lambda lot: read_movie(movie(lot), month),
        f"how far viewers get, {days} days": lambda lot: read_retention(f"movie:{movie(lot).pk}", month),
        "who watches now, a page": lambda lot: list(
            active_sessions(names[0], at=at).order_by("-started_at", "-session")[:51]
        ),
        "who watches now, their number": lambda lot: count_watching(names[0], at=at),
    }


def _time(ask: Question, lot: Random) -> float:
    began = time.perf_counter()
    ask(lot)
    return (time.perf_counter() - began) * 1000


def _explain(what: str, ask: Question, lot: Random) -> None:
    print(f"\n# {what}: {_time(ask, lot):.1f} ms")
    with CaptureQueriesContext(connection) as queries:
        ask(lot)
    for query in queries:
        print(f"\n-- {query['time']} s")
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {query['sql'].replace('%', '%%')}")
            print("\n".join(line for (line,) in cursor.fetchall() if "never executed" not in line))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
