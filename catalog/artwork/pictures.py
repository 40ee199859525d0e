"""A movie's pictures as pages, the API and link previews name them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from django.urls import reverse

from catalog.artwork.cards import card_digest
from catalog.artwork.frames import FRAMES, SOCIAL_NAME, SOCIAL_SIZE, Kind
from catalog.artwork.placeholders import placeholder
from catalog.models import Artwork, Movie
from portal.pictures import Picture, Source

MEDIA_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
# Enough to tell light from dark: the browser makes it soft.
_PLACEHOLDER_SIZES = {"POSTER": (6, 9), "BACKDROP": (16, 9)}


class MadeFiles(Protocol):
    """What was made of a picture: in these widths, each in these formats, the best first."""

    blurhash: str
    widths: list[int]
    formats: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The two pictures of a movie; None where it has none."""

    poster: Picture | None = None
    backdrop: Picture | None = None


def pictures_of(artwork: Iterable[Artwork]) -> Pictures:
    """Return what `movie.artwork.all()`, which should have been prefetched, comes to."""
    return Pictures(**{picture.kind.lower(): picture_of(picture) for picture in artwork})


def picture_of(artwork: Artwork) -> Picture:
    return picture_made_of(artwork, artwork.kind, partial(rendition_url, artwork))


def picture_made_of(made: MadeFiles, kind: Kind, url_of: Callable[[str], str]) -> Picture:
    """Return a picture whose files have the addresses that their names stand for."""
    width, height = FRAMES[kind].size_at(made.widths[-1])
    *better, plain = (
        Source(srcset=_srcset(made, extension, url_of), type=MEDIA_TYPES[extension]) for extension in made.formats
    )
    return Picture(
        src=url_of(f"{made.widths[len(made.widths) // 2]}.{made.formats[-1]}"),
        srcset=plain.srcset,
        sources=tuple(better),
        width=width,
        height=height,
        placeholder=placeholder(made.blurhash, _PLACEHOLDER_SIZES[kind]),
    )


def social_picture(movie: Movie) -> Picture:
    """Return what a link preview shows, a JPEG; of a movie whose `artwork` should have been prefetched."""
    by_kind = {picture.kind: picture for picture in movie.artwork.all()}
    chosen = by_kind.get(Artwork.Kind.BACKDROP) or by_kind.get(Artwork.Kind.POSTER)
    width, height = SOCIAL_SIZE
    return Picture(src=rendition_url(chosen, SOCIAL_NAME) if chosen else card_url(movie), width=width, height=height)


def card_url(movie: Movie) -> str:
    """Return the address of the drawn card of a movie that has no picture."""
    return reverse("artwork:card", args=[movie.pk, card_digest(title=movie.title, art_key=movie.slug)])


def rendition_url(artwork: Artwork, name: str) -> str:
    return reverse("artwork:rendition", args=[artwork.movie_id, artwork.edition, name])


def _srcset(made: MadeFiles, extension: str, url_of: Callable[[str], str]) -> str:
    return ", ".join(f"{url_of(f'{width}.{extension}')} {width}w" for width in made.widths)
