"""Pictures as pages show them: files with sizes, in several formats, at addresses that never change their meaning.

An address holds what decides its content (for a cover the seed and the edition of the drawing code), so a browser and
an edge keep it for a year and never ask again. Covers are files and not part of the page: a shelf of inline drawings
weighed more than all else on it, and was sent again with every page.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from django.urls import reverse

from portal import cover_art

# From this width on there is room for a wide picture; as in static/src/css/stage.css.
WIDE_SCREEN = "(width >= 44rem)"
NARROW_SCREEN = "(width < 44rem)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One choice of a <picture>: files of one type by width, for windows of which `media` holds; "" is any."""

    srcset: str
    type: str = ""
    media: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture in every form that there is of it, the best first.

    `src` is for browsers that take none of the sources; `srcset` has the same type in other widths. `width` and
    `height` give the ratio, so that nothing moves when it arrives. `placeholder` is a data: address of a few dozen
    pixels, "" if there is none.
    """

    src: str
    width: int
    height: int
    srcset: str = ""
    sources: tuple[Source, ...] = ()
    placeholder: str = ""

    @property
    def preloads(self) -> Iterator[Source]:
        """Yield what a browser should fetch before it has seen the body: the best source for each kind of window.

        One that does not know its type skips it, and finds another when it comes to the picture.
        """
        named = {source.media: source for source in reversed(self.sources)}
        fallback = Source(srcset=self.srcset or self.src, media=NARROW_SCREEN if WIDE_SCREEN in named else "")
        yield from named.values()
        if fallback.media not in named:
            yield fallback


def cover_picture(key: str, shape: cover_art.Shape = "poster") -> Picture:
    """Return the generated cover of a film that has no picture of that shape."""
    width, height = cover_art.size_of(shape)
    name = {"shape": shape, "seed": f"{cover_art.seed_of(key):016x}", "edition": edition()}
    return Picture(src=reverse("portal:cover", kwargs=name), width=width, height=height)


def stage_picture(wide: Picture, upright: Picture) -> Picture:
    """Join two pictures of one film: the middle of a wide one is no picture on a narrow screen."""
    return replace(
        upright,
        sources=(
            *(replace(source, media=WIDE_SCREEN) for source in wide.sources),
            Source(srcset=wide.srcset or wide.src, media=WIDE_SCREEN),
            *(replace(source, media=NARROW_SCREEN) for source in upright.sources),
        ),
        placeholder="",
    )


@cache
def edition() -> str:
    """Identify the code that draws covers: when it changes, so do their addresses."""
    return hashlib.sha256(Path(cover_art.__file__).read_bytes()).hexdigest()[:8]
