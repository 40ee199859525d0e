"""Which films and people there are: decided from a seed, so that a load can ask for what was filled in."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from django.utils.text import slugify

from benchmarks.big_catalogue.texts import Language, Writer

SEED = 3
MOVIES = 10_000
PEOPLE = 50_000
TAGS = 500
GENRES = (
    "Drama", "Comedy", "Thriller", "Action", "Romance", "Horror", "Mystery", "Documentary", "Animation", "Family",
    "Fantasy", "Crime", "Adventure", "Music", "History", "War", "Western", "Sport", "Musical", "Biography",
)  # fmt: skip
_CAST = 6
_CREW = ("DIRECTOR", "WRITER", "PRODUCER", "EDITOR")
_AGES = (None, 0, 6, 7, 10, 12, 13, 15, 16, 18)
_PLACES: dict[Language, tuple[str, ...]] = {
    "en": ("GB", "US", "IE", "AU", "FR", "DE"),
    "th": ("TH",),
    "zh": ("CN", "HK", "TW"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """`person` is a place in the list of people."""

    person: int
    role: str
    character: str
    billing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSpan:
    """Hours from the filling; None: open end."""

    opens_h: int
    closes_h: int | None
    territories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmPlan:
    """`tags` and `genres` are places in their lists."""

    number: int
    language: Language
    title: str
    original_title: str
    slug: str
    tagline: str
    synopsis: str
    year: int
    runtime_s: int
    countries: tuple[str, ...]
    minimum_age: int | None
    visibility: str
    genres: tuple[int, ...]
    tags: tuple[int, ...]
    credits: tuple[CreditLine, ...]
    windows: tuple[WindowSpan, ...]
    captions: tuple[str, ...]

    @property
    def is_always_seen(self) -> bool:
        return self.visibility == "PUBLISHED" and not self.windows


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPlan:
    name: str
    original_name: str
    slug: str


@cache
def films() -> tuple[FilmPlan, ...]:
    writer = Writer(SEED)
    return tuple(_film(writer, number) for number in range(MOVIES))


def people() -> Iterator[PersonPlan]:
    writer = Writer(SEED + 1)
    for number in range(PEOPLE):
        name = writer.name()
        original = writer.name_in_own_script() if writer.random.random() < 0.2 else ""
        yield PersonPlan(name=name, original_name=original, slug=f"{slugify(name)}-{number}")


def tags() -> tuple[str, ...]:
    writer = Writer(SEED + 2)
    return tuple(f"{' '.join(writer.words('en', 2))[:30]} {number}" for number in range(TAGS))


def _film(writer: Writer, number: int) -> FilmPlan:
    random = writer.random
    language: Language = random.choices(("en", "th", "zh"), weights=(65, 20, 15))[0]
    # Half of what was made elsewhere is known here by an English title.
    is_renamed = language != "en" and random.random() < 0.5
    title, own = writer.title("en" if is_renamed else language), writer.title(language) if is_renamed else ""
    return FilmPlan(
        number=number,
        language=language,
        title=title,
        original_title=own,
        slug=f"{slugify(title)[:100].strip('-') or 'film'}-{number}",
        tagline=writer.sentence(6),
        synopsis="\n\n".join(" ".join(writer.sentence(14) for _ in range(3)) for _ in range(2)),
        year=int(random.triangular(1920, 2026, 2022)),
        runtime_s=random.randint(70, 180) * 60,
        countries=tuple(random.sample(_PLACES[language], k=1)),
        minimum_age=random.choice(_AGES),
        visibility=random.choices(("PUBLISHED", "UNLISTED", "HIDDEN", "DRAFT"), weights=(92, 2, 3, 3))[0],
        genres=_few(writer, len(GENRES), 2),
        tags=_few(writer, TAGS, 3),
        credits=tuple(_credits(writer)),
        windows=_windows(writer),
        captions=("en", "th")[: random.choice((0, 1, 2, 2))],
    )


def _few(writer: Writer, among: int, count: int) -> tuple[int, ...]:
    """Choose places of a list whose first are the most used."""
    return tuple(sorted(set(writer.random.choices(range(among), cum_weights=_weights(among), k=count))))


@cache
def _weights(among: int) -> list[float]:
    return list(accumulate(1 / (place + 3) for place in range(among)))


def _credits(writer: Writer) -> Iterator[CreditLine]:
    for place, person in enumerate(writer.random.sample(range(PEOPLE), k=_CAST + len(_CREW))):
        if place < _CAST:
            character = writer.words("en", 1)[0].capitalize()
            yield CreditLine(person=person, role="CAST", character=character, billing=place + 1)
        else:
            yield CreditLine(person=person, role=_CREW[place - _CAST], character="", billing=1)


def _windows(writer: Writer) -> tuple[WindowSpan, ...]:
    """Return none for most films; else one that is over, open, about to close or to open, or in two places apart."""
    day, random = 24, writer.random
    kind = random.random()
    if kind > 0.3:
        return ()
    if kind > 0.15:
        return (WindowSpan(opens_h=-random.randint(30, 900) * day, closes_h=None),)
    if kind > 0.10:
        return (WindowSpan(opens_h=-90 * day, closes_h=random.randint(30, 300) * day),)
    if kind > 0.06:
        return (WindowSpan(opens_h=-60 * day, closes_h=random.randint(24, 13 * day)),)
    if kind > 0.03:
        return (WindowSpan(opens_h=random.randint(24, 60 * day), closes_h=None),)
    if kind > 0.01:
        return (WindowSpan(opens_h=-400 * day, closes_h=-random.randint(1, 300) * day),)
    return (
        WindowSpan(opens_h=-60 * day, closes_h=None, territories=("TH", "LA")),
        WindowSpan(opens_h=-30 * day, closes_h=90 * day, territories=("GB", "IE")),
    )
