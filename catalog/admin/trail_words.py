"""What the trail keeps of movies as codes, in the words of editors."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from django.utils.text import capfirst
from django.utils.translation import gettext

from catalog.codes import language_name, territory_name
from catalog.models import Artwork, Caption, Credit, Genre, Movie, Person, Tag
from catalog.pages import format_runtime
from portal.admin.trailed import Wording, plain_words
from portal.models import AuditEntry

_Names = Mapping[str, str]
_PICTURES = {kind.value.lower(): str(kind.value) for kind in Artwork.Kind}
# What the trail of a movie says of its captions, and the fields that are called so.
_OF_CAPTIONS = {
    "language": "language",
    "kind": "kind",
    "label": "label",
    "is_default": "is_default",
    "text": "cue_count",
}


def label_in_words(name: str) -> str:
    """Return what a field of the trail is called where that is not the name of the movie's own; otherwise ""."""
    if name == "runtime_s":
        return gettext("Length")  # in seconds is how it is stored
    if name == "source":
        return gettext("Film")
    if name in _PICTURES:
        return str(Artwork.Kind(_PICTURES[name]).label)
    if name in _OF_CAPTIONS:
        return str(capfirst(Caption._meta.get_field(_OF_CAPTIONS[name]).verbose_name))  # type: ignore[union-attr]  # no relation
    return ""


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
        "captions": _captions,
        "language": language_name,
        "kind": lambda value: str(Caption.Kind(value).label),
        "text": lambda value: value.partition(" ")[0],
        **dict.fromkeys(_PICTURES, _picture),
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


def _captions(value: str) -> str:
    """Say "th SUBTITLES" as "Thai, Subtitles"."""
    language, _, kind = value.partition(" ")
    return f"{language_name(language)}, {Caption.Kind(kind).label}"


def _picture(value: str) -> str:
    """Say "600 × 900, 0123456789ab, 0.50/0.25" as "600 × 900, 50 % across, 25 % down"."""
    size, _, place = value.split(", ")
    x, y = (str(round(float(part) * 100)) for part in place.split("/"))
    return f"{size}, {gettext('%(x)s %% across, %(y)s %% down') % {'x': x, 'y': y}}"


def _slug_in(line: str) -> str:
    return line.partition(" ")[2].partition(": ")[0]


def _texts_of(entries: Iterable[AuditEntry], name: str) -> Iterator[str]:
    for entry in entries:
        for state in (entry.before, entry.after):
            yield from state.get(name) or ()


def _names_of(model: type[Genre | Tag | Person], slugs: Iterable[str]) -> _Names:
    wanted = set(slugs)
    return dict(model._default_manager.filter(slug__in=wanted).values_list("slug", "name")) if wanted else {}
