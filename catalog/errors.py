"""What the catalogue refuses, by name.

PortalError
├── MovieChangedMeanwhile    movie-changed-meanwhile  412
├── SlugTaken                slug-taken               409
├── NameTaken                name-taken               409
├── ShelfChangedMeanwhile    shelf-changed-meanwhile  412
├── MovieWasPublished        movie-was-published      409
├── WindowEndsBeforeItStarts window-ends-before-start 422
├── WindowsOverlap           windows-overlap          422
├── CreditTwice              credit-twice             422
├── PersonChangedMeanwhile   person-changed-meanwhile 412
├── PersonIsCredited         person-is-credited       409
├── CaptionFileRefused       caption-file-refused     422
├── CaptionTimesRefused      caption-times-refused    422
├── CaptionExists            caption-exists           409
└── TooManyCaptions          too-many-captions        409
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.caption_wording import describe_finding, describe_impossible
from catalog.captions.findings import Finding
from catalog.captions.timing import RetimingImpossible
from portal.errors import FieldError, PortalError


class MovieChangedMeanwhile(PortalError):
    """Somebody else changed the movie after you read it. Nothing was saved.

    `version` is the one that it has now. Read the movie again, look at what changed, and repeat your change with the
    new version (`If-Match` in the API).
    """

    code = "movie-changed-meanwhile"
    title = _("Somebody else has changed this movie")
    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self, *, version: int) -> None:
        super().__init__(_("Load it again, then repeat your change."), version=version)


class SlugTaken(PortalError):
    """This address belongs to another movie or person already. Nothing was saved.

    `proposed` is one that was free a moment ago.
    """

    code = "slug-taken"
    title = _("This address is taken")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, slug: str, proposed: str) -> None:
        detail = _("“%(slug)s” belongs to another one; “%(proposed)s” is free.") % {"slug": slug, "proposed": proposed}
        super().__init__(detail, proposed=proposed, errors=[_fault("/slug", self.code, detail)])


class NameTaken(PortalError):
    """Another genre or tag has this name already. Nothing was saved.

    `slug` is its address. Use that one; two tags that mean the same can be merged.
    """

    code = "name-taken"
    title = _("This name is taken")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, name: str, slug: str) -> None:
        detail = _("There is “%(name)s” already.") % {"name": name}
        super().__init__(detail, slug=slug, errors=[_fault("/name", self.code, detail)])


class ShelfChangedMeanwhile(PortalError):
    """Somebody else renamed the genre or tag after you read it. Nothing was saved.

    `name` is what it is called now. Read it again, then repeat your change.
    """

    code = "shelf-changed-meanwhile"
    title = _("Somebody else has renamed it")
    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self, *, name: str) -> None:
        super().__init__(_("Load it again, then repeat your change."), name=name)


class MovieWasPublished(PortalError):
    """A movie that viewers have seen cannot become a draft again; hide it instead.

    `allowed` lists the visibilities that it can have.
    """

    code = "movie-was-published"
    title = _("This movie is no draft any more")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, allowed: Iterable[str]) -> None:
        super().__init__(_("Viewers have seen it. Hide it instead."), allowed=[str(value) for value in allowed])


class WindowEndsBeforeItStarts(PortalError):
    """A window must close after it opens. Nothing was saved."""

    code = "window-ends-before-start"
    title = _("A window closes before it opens")
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, *, place: int) -> None:
        detail = _("Choose an end that is later than the start, or none.")
        super().__init__(detail, errors=[_fault(f"/windows/{place}/ends_at", self.code, detail)])


class WindowsOverlap(PortalError):
    """Two windows of a movie would be open at the same time in the same place. Nothing was saved.

    Windows are half-open: one may begin at the very moment at which another ends.
    """

    code = "windows-overlap"
    title = _("Two windows overlap")
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, *, first: int, second: int) -> None:
        detail = _("Window %(second)d is open while window %(first)d is; let it start where the other ends.") % {
            "first": first + 1,
            "second": second + 1,
        }
        super().__init__(detail, errors=[_fault(f"/windows/{second}/starts_at", self.code, detail)])


class CreditTwice(PortalError):
    """The same person would have the same credit twice. Nothing was saved."""

    code = "credit-twice"
    title = _("Somebody is credited twice")
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, *, place: int, person: str) -> None:
        detail = _("%(person)s has this credit already.") % {"person": person}
        super().__init__(detail, errors=[_fault(f"/credits/{place}/person", self.code, detail)])


class PersonChangedMeanwhile(PortalError):
    """Somebody else changed the person after you read it. Nothing was saved.

    `version` is the one that it has now. Read it again, then repeat your change.
    """

    code = "person-changed-meanwhile"
    title = _("Somebody else has changed this person")
    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self, *, version: int) -> None:
        super().__init__(_("Load it again, then repeat your change."), version=version)


class PersonIsCredited(PortalError):
    """A person whom films name cannot be removed; take the credits away first."""

    code = "person-is-credited"
    title = _("Films name this person")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, films: int) -> None:
        super().__init__(_("Take their credits away first."), films=films)


class CaptionFileRefused(PortalError):
    """The caption file cannot be read, or some of its cues cannot be shown. Nothing was saved.

    `errors` lists each fault with a code and a sentence, and with `line` and `cue`, which count from 1, where it is
    about one.
    """

    code = "caption-file-refused"
    title = _("This caption file cannot be accepted")
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, faults: Sequence[Finding]) -> None:
        super().__init__(describe_finding(faults[0]), errors=[_caption_fault("/file", fault) for fault in faults])


class CaptionTimesRefused(PortalError):
    """The cues cannot be moved in this way: the measure makes no sense, or moves cues out of the film.

    Nothing was changed. `errors` lists each fault, as for a file.
    """

    code = "caption-times-refused"
    title = _("The times cannot be corrected like this")
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, errors: Sequence[Mapping[str, object]]) -> None:
        super().__init__(str(errors[0]["detail"]), errors=list(errors))

    @classmethod
    def by_cues(cls, faults: Iterable[Finding]) -> Self:
        return cls([_caption_fault("/offset_s", fault) for fault in faults])

    @classmethod
    def by_measure(cls, impossible: RetimingImpossible) -> Self:
        # The second of two points is the one to choose anew.
        pointer = "/points/1" if impossible.field == "second" else f"/{impossible.field}"
        return cls([_fault(pointer, impossible.reason, describe_impossible(impossible.reason))])


class CaptionExists(PortalError):
    """The movie has captions of this language and kind already. Nothing was saved.

    Replace the file of those, or remove them first.
    """

    code = "caption-exists"
    title = _("There are such captions already")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, language: str, kind: str) -> None:
        detail = _("Replace the file of those, or remove them first.")
        super().__init__(detail, language=language, kind=kind, errors=[_fault("/language", self.code, detail)])


class TooManyCaptions(PortalError):
    """The movie has as many captions as a movie can have; remove some first."""

    code = "too-many-captions"
    title = _("The movie has too many captions")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, most: int) -> None:
        super().__init__(_("Remove some first."), most=most)


def _caption_fault(pointer: str, fault: Finding) -> dict[str, object]:
    place = {name: number for name, number in (("line", fault.line), ("cue", fault.cue)) if number is not None}
    return {"pointer": pointer, "code": str(fault.code), "detail": describe_finding(fault), **place}


def _fault(pointer: str, code: str, detail: str | Promise) -> dict[str, str]:
    return asdict(FieldError(pointer=pointer, code=code, detail=str(detail)))
