"""Fill the portal that the environment names with the planned catalogue; run as a program of its own.

Rows are written in bulk, past the services: nobody has seen them, so there is nothing to tell and nothing to record.
"""

import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - once the apps are loaded
from django.db import connection, transaction  # noqa: E402
from django.db.models import Model  # noqa: E402

from benchmarks.big_catalogue import plans  # noqa: E402
from benchmarks.big_catalogue.plans import FilmPlan, WindowSpan  # noqa: E402
from catalog.models import AvailabilityWindow, Caption, Credit, Genre, Movie, MovieSlug, Person, Tag  # noqa: E402
from catalog.windows import first_available  # noqa: E402
from portal import clock  # noqa: E402

_BATCH = 2000
_CUE = "00:0{minute}:00.000 --> 00:0{minute}:02.500\nA line that somebody says in minute {minute}.\n"
_WEBVTT = "WEBVTT\n\n" + "\n".join(_CUE.format(minute=minute) for minute in range(10))


def main() -> None:
    at = clock.now()
    with transaction.atomic():
        _fill(at)
    call_command("rebuild_search")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _fill(at: datetime) -> None:
    genres = [Genre.objects.get_or_create(name=name, defaults={"slug": name.lower()})[0] for name in plans.GENRES]
    tags = _create(Tag, (Tag(name=name, slug=name.replace(" ", "-")) for name in plans.tags()))
    people = _create(
        Person,
        (
            Person(name=p.name, original_name=p.original_name, slug=p.slug, created_at=at, updated_at=at)
            for p in plans.people()
        ),
    )
    films = plans.films()
    movies = _create(Movie, (_movie(plan, at) for plan in films))
    _create(MovieSlug, (MovieSlug(movie=movie, slug=movie.slug) for movie in movies))
    pairs = list(zip(films, movies, strict=True))
    _shelve(Movie.genres.through, "genre", [(movie, genres[place]) for plan, movie in pairs for place in plan.genres])
    _shelve(Movie.tags.through, "tag", [(movie, tags[place]) for plan, movie in pairs for place in plan.tags])
    _create(AvailabilityWindow, (_window(span, movie, at) for plan, movie in pairs for span in plan.windows))
    _create(Credit, (credit for plan, movie in pairs for credit in _credits(plan, movie, people)))
    _create(Caption, (caption for plan, movie in pairs for caption in _captions(plan, movie, at)))


def _create(model: Any, rows: Iterable[Any]) -> list[Any]:
    created: list[Any] = model.objects.bulk_create(rows, batch_size=_BATCH)
    return created


def _shelve(through: Any, name: str, pairs: list[tuple[Movie, Model]]) -> None:
    _create(through, (through(**{"movie_id": movie.pk, f"{name}_id": shelf.pk}) for movie, shelf in pairs))


def _movie(plan: FilmPlan, at: datetime) -> Movie:
    # The higher its number, the newer a film is in the catalogue; each is a few minutes after the one before it.
    added = at - timedelta(days=1000) + timedelta(minutes=140 * plan.number)
    published = None if plan.visibility == "DRAFT" else added
    windows = [_window(span, None, at) for span in plan.windows]
    return Movie(
        title=plan.title,
        original_title=plan.original_title,
        slug=plan.slug,
        tagline=plan.tagline,
        synopsis=plan.synopsis,
        year=plan.year,
        runtime_s=plan.runtime_s,
        countries=list(plan.countries),
        languages=[plan.language],
        minimum_age=plan.minimum_age,
        visibility=plan.visibility,
        published_at=published,
        first_available_at=first_available(windows, published_at=published) if published else None,
        is_announced=True,
        created_at=added,
        updated_at=added,
    )


def _window(span: WindowSpan, movie: Movie | None, at: datetime) -> AvailabilityWindow:
    closes = None if span.closes_h is None else at + timedelta(hours=span.closes_h)
    return AvailabilityWindow(
        movie=movie,
        starts_at=at + timedelta(hours=span.opens_h),
        ends_at=closes,
        time_zone="Asia/Bangkok",
        territories=list(span.territories),
    )


def _credits(plan: FilmPlan, movie: Movie, people: list[Person]) -> Iterator[Credit]:
    for line in plan.credits:
        yield Credit(
            movie=movie,
            person=people[line.person],
            role=line.role,
            character=line.character,
            billing=line.billing,
        )


def _captions(plan: FilmPlan, movie: Movie, at: datetime) -> Iterator[Caption]:
    for language in plan.captions:
        yield Caption(
            movie=movie,
            language=language,
            label=language,
            webvtt=_WEBVTT,
            cue_count=10,
            source_format=Caption.SourceFormat.WEBVTT,
            source_encoding="utf-8",
            created_at=at,
            updated_at=at,
        )


if __name__ == "__main__":
    main()
