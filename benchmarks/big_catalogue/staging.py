"""Add films whose windows open or close in a moment; run as a program of its own, in the portal's environment.

    python -m benchmarks.big_catalogue.staging PAIRS

Prints a list of {"slug", "word", "opens", "edge_at"}: half of the films open at their edge, half close. All are the
newest of the catalogue, and each has a word in its title that no other film has.
"""

import json
import os
import sys
import uuid
from datetime import datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from catalog.services import availability, movies  # noqa: E402 - once the apps are loaded
from catalog.services.availability import WindowPlan  # noqa: E402
from portal import clock  # noqa: E402

_FIRST = timedelta(seconds=12)
_APART = timedelta(seconds=6)


def main(pairs: int) -> None:
    at = clock.now()
    staged = [_stage(at, at + _FIRST + _APART * place, is_opening=place % 2 == 0) for place in range(2 * pairs)]
    print(json.dumps(staged))


def _stage(at: datetime, edge: datetime, *, is_opening: bool) -> dict[str, object]:
    # Letters only: a word of the search may be taken for a number otherwise.
    word = "edge" + "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:12])
    movie = movies.create_movie(title=f"The {word}", year=2026, by=None, at=at)
    plan = WindowPlan(starts_at=edge) if is_opening else WindowPlan(starts_at=at, ends_at=edge)
    availability.replace_windows(movie_id=movie.pk, plans=[plan], by=None, at=at)
    movies.publish_movie(movie_id=movie.pk, by=None, at=at)
    return {"slug": movie.slug, "word": word, "opens": is_opening, "edge_at": edge.timestamp()}


if __name__ == "__main__":
    main(int(sys.argv[1]))
