"""Pictures as pages show them: files with sizes, in several formats, at addresses that never change their meaning.

An address holds what decides its content (for a cover the seed and the edition of the drawing code), so a browser and
an edge keep it for a year and never ask again. Covers are files and not part of the page: a shelf of inline drawings
weighed more than all else on it, and was sent again with every page.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

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

    def up_to(self, width: int) -> "Picture":
        """Return it without the files that are wider than any screen would show it here."""
        return replace(
            self,
            srcset=_trimmed(self.srcset, width),
            sources=tuple(replace(source, srcset=_trimmed(source.srcset, width)) for source in self.sources),
        )

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


def picture_markup(picture: Picture, *, sizes: str = "", is_first: bool = False) -> SafeString:
    """Return a picture as HTML: built here and not by a template, as a page has a hundred of them.

    `sizes` says how wide it is shown. `is_first` fetches it at once; any other waits until it is nearly in view.
    """
    size = {"alt": "", "width": picture.width, "height": picture.height}
    urgency = {"fetchpriority": "high"} if is_first else {"loading": "lazy", "decoding": "async"}
    below = [{"class": "picture-blur", "src": picture.placeholder, **size}] if picture.placeholder else []
    sources = (
        {"srcset": source.srcset, "type": source.type, "media": source.media, "sizes": sizes}
        for source in picture.sources
    )
    shown = {"src": picture.src, "srcset": picture.srcset, "sizes": sizes if picture.srcset else "", **size, **urgency}
    return format_html(
        "{}<picture>{}{}</picture>",
        format_html_join("", "<img{}>", ((_attributes(image),) for image in below)),
        format_html_join("", "<source{}>", ((_attributes(source),) for source in sources)),
        format_html("<img{}>", _attributes(shown)),
    )


def _attributes(named: Mapping[str, object]) -> SafeString:
    """Leave out what is empty, but for `alt`, whose emptiness says that there is nothing to read out."""
    return format_html_join("", ' {}="{}"', ((name, value) for name, value in named.items() if value or name == "alt"))


def _trimmed(srcset: str, width: int) -> str:
    return ", ".join(file for file in srcset.split(", ") if file and int(file.rpartition(" ")[2].rstrip("w")) <= width)


@cache
def edition() -> str:
    """Identify the code that draws covers: when it changes, so do their addresses."""
    return hashlib.sha256(Path(cover_art.__file__).read_bytes()).hexdigest()[:8]
