"""What machines read of a page: titles, descriptions, and films as schema.org describes them. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# What search engines show of a description.
LONGEST_DESCRIPTION = 160

# Within a script element these could end it, or begin what is no data; JSON reads the escapes as the same characters.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPicture:
    """What a page looks like where its address is shared; `url` is absolute."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The head of a page. Addresses are absolute; `canonical` is the one address under which it should be found.

    `kind` is the type of Open Graph. `structured` is JSON-LD as it stands in a script element; "" for none.
    """

    title: str
    description: str
    canonical: str
    kind: str = "website"
    picture: SharedPicture | None = None
    is_indexed: bool = True
    structured: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFacts:
    """A film as schema.org wants to know it. People are (name, absolute address).

    `released_on` is an ISO date, `duration_s` in seconds; None for what is not known. Languages, spoken and of
    subtitles, are BCP 47 tags, countries ISO 3166-1 codes.
    """

    name: str
    url: str
    description: str
    year: int
    original_name: str = ""
    image: str = ""
    duration_s: int | None = None
    genres: Sequence[str] = ()
    keywords: Sequence[str] = ()
    languages: Sequence[str] = ()
    subtitles: Sequence[str] = ()
    countries: Sequence[str] = ()
    rating: str = ""
    trailer_url: str = ""
    directors: Sequence[tuple[str, str]] = ()
    writers: Sequence[tuple[str, str]] = ()
    actors: Sequence[tuple[str, str]] = ()
    composers: Sequence[tuple[str, str]] = ()


def describe(*texts: str) -> str:
    """Return the first text that says anything, on one line and cut after a word."""
    text = next((line for line in (" ".join(text.split()) for text in texts) if line), "")
    if len(text) <= LONGEST_DESCRIPTION:
        return text
    cut = text[:LONGEST_DESCRIPTION]
    # Thai and Chinese have no spaces to cut at.
    head, space, _ = cut.rpartition(" ")
    return f"{(head if space and len(head) > LONGEST_DESCRIPTION // 2 else cut[:-1]).rstrip(' ,;:.–-')}…"


def duration_iso(seconds: int) -> str:
    """Return a length as ISO 8601 writes it, to the minute: "PT1H34M"."""
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    return f"PT{f'{hours}H' if hours else ''}{f'{minutes}M' if minutes or not hours else ''}"


def film_as_json_ld(film: FilmFacts) -> str:
    """Return a film as schema.org's Movie, ready for a script element."""
    return as_json_ld(
        {
            "@type": "Movie",
            "name": film.name,
            "alternateName": film.original_name,
            "url": film.url,
            "description": film.description,
            "image": film.image,
            "dateCreated": str(film.year),
            "duration": duration_iso(film.duration_s) if film.duration_s else "",
            "genre": list(film.genres),
            "keywords": ", ".join(film.keywords),
            "inLanguage": list(film.languages),
            "subtitleLanguage": list(film.subtitles),
            "countryOfOrigin": [{"@type": "Country", "name": code} for code in film.countries],
            "contentRating": film.rating,
            "trailer": _trailer(film),
            "director": _people(film.directors),
            "author": _people(film.writers),
            "actor": _people(film.actors),
            "musicBy": _people(film.composers),
        }
    )


def person_as_json_ld(*, name: str, alternate_name: str, url: str, description: str) -> str:
    return as_json_ld(
        {"@type": "Person", "name": name, "alternateName": alternate_name, "url": url, "description": description}
    )


def as_json_ld(thing: Mapping[str, object]) -> str:
    """Write a thing as JSON-LD that no text in it can leave; what is empty is left out."""
    told = {name: value for name, value in thing.items() if value not in ("", [], None)}
    return json.dumps({"@context": "https://schema.org", **told}, ensure_ascii=False).translate(_ESCAPES)


def _trailer(film: FilmFacts) -> dict[str, str] | None:
    if not film.trailer_url:
        return None
    return {"@type": "VideoObject", "name": film.name, "description": film.description, "embedUrl": film.trailer_url}


def _people(people: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"@type": "Person", "name": name, "url": url} for name, url in people]
