"""`manage.py recount_scores`: every session that is kept gets its score by the formula as it is now."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from analytics.score import SCORE_VERSION
from analytics.store.rescoring import count_uncountable_days, countable_days, rescore_day

_AT_ONCE = 1000


class Command(BaseCommand):
    help = "Count the scores of sessions and of their days anew, after their formula has changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        of_day = "of the days (UTC) on which sessions began, such as 2026-11-20; absent: all that are kept"
        parser.add_argument("--from", type=_day, default=date.min, help=f"the first {of_day}")
        parser.add_argument("--to", type=_day, default=date.max, help=f"the last {of_day}")
        parser.add_argument("--at-once", type=_count, default=_AT_ONCE, help="sessions that are written at once")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = options["from"], options["to"]
        for day in countable_days(first, last):
            lots = list(rescore_day(day, at_once=options["at_once"]))
            looked_at, changed = (sum(counts) for counts in zip(*lots, strict=True)) if lots else (0, 0)
            self.stdout.write(f"{day}: {looked_at} sessions, {changed} with another score.")
        self.stdout.write(f"Their scores are of version {SCORE_VERSION}.")
        if left := count_uncountable_days(first, last):
            self.stdout.write(f"Of {left} earlier days the sessions are kept no longer: their scores stay as they are.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no day, such as 2026-11-20") from error


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is no number of sessions")
    return int(text)
