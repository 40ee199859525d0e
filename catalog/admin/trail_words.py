"""What the trail keeps of movies as codes, in the words of editors."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from catalog.codes import language_name, territory_name
from catalog.models import Credit, Genre, Movie, Person, Tag
from catalog.pages import format_runtime
from portal.admin.trailed import Wording, plain_words
from portal.models import AuditEntry

_Names = Mapping[str, str]


def movie_wording(entries: Sequence[AuditEntry]) -> Wording:
    """Return what says the values of these entries; names are read for all of them at once."""
    genres = _names_of(Genre, _texts_of(entries, "genres"))
    tags = _names_of(Tag, _texts_of(entries, "tags"))
    people = _names_of(Person, (_slug_in(line) for line in _texts_of(entries, "credits")))
    words: Mapping[str, Callable[[str], str]] = {
        "visibility": lambda value: str(Movie.Visibility(value).label),
        "minimum_age": lambda value: str(Movie.MinimumAge(int(value)).label),
        "runtime_s": lambda value: format_runtime(int(value)),
        "countries": territory_name,
        "languages": language_name,
        "genres": lambda slug: genres.get(slug, slug),
        "tags": lambda slug: tags.get(slug, slug),
        "credits": lambda line: _credit(line, people),
    }

    def say(name: str, value: object) -> str:
        return _say(words.get(name), value)

    return say


def _say(word: Callable[[str], str] | None, value: object) -> str:
    if word is None or value is None or value == "":
        return plain_words(value)
    try:
        return ", ".join(map(word, map(str, value))) if isinstance(value, list) else word(str(value))
    except ValueError:
        # The trail is older than this version, and keeps codes that there are no more.
        return plain_words(value)


def _credit(line: str, people: _Names) -> str:
    """Say "CAST ada-loy: The operator" as "Cast: Ada Loy (The operator)"."""
    role, _, rest = line.partition(" ")
    slug, _, character = rest.partition(": ")
    played = f" ({character})" if character else ""
    return f"{Credit.Role(role).label}: {people.get(slug, slug)}{played}"


def _slug_in(line: str) -> str:
    return line.partition(" ")[2].partition(": ")[0]


def _texts_of(entries: Iterable[AuditEntry], name: str) -> Iterator[str]:
    for entry in entries:
        for state in (entry.before, entry.after):
            yield from state.get(name) or ()


def _names_of(model: type[Genre | Tag | Person], slugs: Iterable[str]) -> _Names:
    wanted = set(slugs)
    return dict(model._default_manager.filter(slug__in=wanted).values_list("slug", "name")) if wanted else {}
