"""What a browser sends for the forms of the editors' desk."""

from typing import Any

from catalog.models import Movie

MOVIES = "/admin/catalog/movie/"


def filled_in(movie: Movie | None = None, **overrides: Any) -> dict[str, Any]:
    """Return what the browser sends for a form that shows `movie`, or for an empty one, without its rows."""
    fields = {"title": "", "original_title": "", "slug": "", "tagline": "", "synopsis": "", "year": "", "genres": []}
    facts = {"minimum_age": "", "trailer_url": "", "countries": [], "languages": "", "tag_names": ""}
    shown: dict[str, Any] = {**fields, **facts, "runtime_min": "", "visibility": "DRAFT", "seen_version": "1"}
    if movie is not None:
        shown |= {name: getattr(movie, name) for name in fields if name != "genres"}
        shown["genres"] = [genre.pk for genre in movie.genres.all()]
        shown |= {"visibility": movie.visibility, "seen_version": movie.version, "trailer_url": movie.trailer_url}
        shown |= {"countries": movie.countries, "languages": ", ".join(movie.languages)}
        shown["tag_names"] = ", ".join(sorted(tag.name for tag in movie.tags.all()))
        shown["minimum_age"] = "" if movie.minimum_age is None else movie.minimum_age
        shown["runtime_min"] = "" if movie.runtime_s is None else round(movie.runtime_s / 60)
    return {**shown, "initial-runtime_min": shown["runtime_min"], **overrides}


def rows(prefix: str, *lines: dict[str, Any], known: int = 0) -> dict[str, Any]:
    """Return rows as a browser sends them; the first `known` of them showed what there was."""
    counted = {f"{prefix}-TOTAL_FORMS": len(lines), f"{prefix}-INITIAL_FORMS": known}
    return counted | {
        f"{prefix}-{place}-{name}": value for place, line in enumerate(lines) for name, value in line.items()
    }


def window(opens: str = "", closes: str = "", zone: str = "UTC", territories: str = "", **more: Any) -> dict[str, Any]:
    return {"starts_local": opens, "ends_local": closes, "time_zone": zone, "territories": territories, **more}


def credit(person: Any = "", role: str = "CAST", **more: Any) -> dict[str, Any]:
    return {"person": person, "role": role, **more}
