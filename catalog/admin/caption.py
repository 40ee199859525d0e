"""Captions on the editors' desk: pages of their own under the address of their movie, and what its form shows of them.

A caption file takes its own time to be got right: uploading, looking through the cues, moving them. So each step is a
page, and the movie's form holds the list alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.admin.caption_forms import CaptionForm, PointsForm, ShiftForm
from catalog.caption_wording import describe_finding
from catalog.captions.clock_times import format_clock
from catalog.captions.cues import Cue
from catalog.captions.findings import finding_from_json
from catalog.captions.markup import plain_text
from catalog.captions.reading import read_stored
from catalog.errors import CaptionTimesRefused
from catalog.models import Caption, Movie
from catalog.services.captions import (
    CaptionPlan,
    add_caption,
    remove_caption,
    retime_caption,
    update_caption,
)
from portal import clock
from portal.admin.trailed import signed_in
from portal.errors import PortalError

_CUES_ON_A_PAGE = 100
_SEEN = "seen_version"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionRow:
    """One line of the list of a movie's captions."""

    caption: Caption
    url: str
    download_url: str
    remove_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CueRow:
    """One cue of the preview. `place` is "" where captions usually stand; `warnings` are sentences."""

    number: int
    start: str
    end: str
    seconds: str
    text: str
    place: str
    warnings: tuple[str, ...]


class CaptionDesk:
    """Gives the admin page of movies its pages about captions; stands before ModelAdmin among the bases."""

    def get_urls(self) -> list[URLPattern]:
        place = "<int:movie_id>/captions/"
        views = {
            place: ("captions", self.captions_view),
            f"{place}add/": ("caption_add", self.caption_add_view),
            f"{place}<int:caption_id>/": ("caption", self.caption_view),
            f"{place}<int:caption_id>/download/": ("caption_download", self.caption_download_view),
            f"{place}<int:caption_id>/remove/": ("caption_remove", self.caption_remove_view),
        }
        wrap = self.admin_site.admin_view  # type: ignore[attr-defined]  # ModelAdmin's
        urls = [path(route, wrap(view), name=f"catalog_movie_{name}") for route, (name, view) in views.items()]
        return [*urls, *super().get_urls()]  # type: ignore[misc]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Movie | None = None, **kwargs: Any
    ) -> HttpResponse:
        """Let the movie's form show `admin/catalog/_captions.html`."""
        if obj is not None:
            context |= {**captions_context(obj), "can_change": self._may(request, obj, "change")}
        response: HttpResponse = super().render_change_form(request, context, *args, obj=obj, **kwargs)  # type: ignore[misc]
        return response

    def captions_view(self, request: HttpRequest, movie_id: int) -> HttpResponse:
        movie = self._movie(request, movie_id, "view")
        context = {"title": _("Captions of %(movie)s") % {"movie": movie}, **captions_context(movie)}
        context["can_change"] = self._may(request, movie, "change")
        return self._page(request, "captions", movie, context)

    def caption_add_view(self, request: HttpRequest, movie_id: int) -> HttpResponse:
        movie = self._movie(request, movie_id, "change")
        form = CaptionForm(request.POST or None, request.FILES or None, is_new=True)
        if form.is_valid():
            try:
                plan = CaptionPlan(**form.facts())
                caption = add_caption(movie_id=movie.pk, plan=plan, by=signed_in(request), at=clock.now())
            except PortalError as error:
                form.refuse(error)
            else:
                messages.success(request, _read_in_words(caption))
                return redirect("admin:catalog_movie_caption", movie.pk, caption.pk)
        title = _("Captions for %(movie)s") % {"movie": movie}
        return self._page(request, "caption_add", movie, {"title": title, "form": form})

    def caption_view(self, request: HttpRequest, movie_id: int, caption_id: int) -> HttpResponse:
        """Show the cues, and beside them what can be done about them; `step` names the form that was sent."""
        movie = self._movie(request, movie_id, "view")
        caption = _caption(movie, caption_id)
        step = request.POST.get("step", "")
        if request.method == "POST" and not self._may(request, movie, "change"):
            raise PermissionDenied
        forms = _forms(request, caption, step)
        if step in forms and forms[step].is_valid():
            done = self._take(request, caption, step, forms[step])
            if done:
                messages.success(request, done)
                return redirect(request.get_full_path())
        context = {
            **_preview(request, caption),
            **{f"{name}_form": form for name, form in forms.items()},
            "seen_version": request.POST.get(_SEEN) or movie.version,
            "can_change": self._may(request, movie, "change"),
        }
        return self._page(request, "caption", movie, context)

    def caption_download_view(self, request: HttpRequest, movie_id: int, caption_id: int) -> HttpResponse:
        movie = self._movie(request, movie_id, "view")
        caption = _caption(movie, caption_id)
        name = f"{movie.slug}.{caption.language}.{caption.kind.lower()}.vtt"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(caption.webvtt, content_type="text/vtt; charset=utf-8", headers=disposition)

    def caption_remove_view(self, request: HttpRequest, movie_id: int, caption_id: int) -> HttpResponse:
        movie = self._movie(request, movie_id, "change")
        caption = _caption(movie, caption_id)
        if request.method == "POST":
            remove_caption(caption_id=caption.pk, by=signed_in(request), at=clock.now())
            messages.success(request, _("Removed: %(captions)s") % {"captions": caption.label})
            return redirect("admin:catalog_movie_captions", movie.pk)
        context = {"title": _("Remove these captions?"), "caption": caption}
        return self._page(request, "caption_remove", movie, context)

    def _take(self, request: HttpRequest, caption: Caption, step: str, form: Any) -> str:
        """Carry out a valid form; return what was done, or "" if the form now says why it was not."""
        seen = request.POST.get(_SEEN, "")
        writing: dict[str, Any] = {"caption_id": caption.pk, "by": signed_in(request), "at": clock.now()}
        writing["expected_version"] = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
        try:
            if step == "details":
                update_caption(changes=form.facts(), **writing)
                return _("Saved.")
            retiming = form.retiming(read_stored(caption.webvtt))
            if retiming is None:
                return ""
            retime_caption(retiming=retiming, **writing)
        except CaptionTimesRefused as error:
            faults: Any = error.extras["errors"]
            form.refuse(faults)
        except PortalError as error:
            form.refuse(error) if step == "details" else form.add_error(None, f"{error.title}. {error.detail}")
        else:
            return _("The cues were moved.")
        return ""

    def _movie(self, request: HttpRequest, movie_id: int, permission: str) -> Movie:
        movie = get_object_or_404(Movie, pk=movie_id)
        if not self._may(request, movie, permission):
            raise PermissionDenied
        return movie

    def _may(self, request: HttpRequest, movie: Movie, permission: str) -> bool:
        return bool(getattr(self, f"has_{permission}_permission")(request, movie))

    def _page(self, request: HttpRequest, template: str, movie: Movie, context: Mapping[str, Any]) -> HttpResponse:
        site: Any = self.admin_site  # type: ignore[attr-defined]  # ModelAdmin's
        return TemplateResponse(
            request,
            f"admin/catalog/{template}.html",
            {**site.each_context(request), "opts": Movie._meta, "movie": movie, **context},
        )


def captions_context(movie: Movie) -> dict[str, Any]:
    """Return what `admin/catalog/_captions.html` shows of a movie; the template also looks at `can_change`."""
    captions = movie.captions.without_text().in_order()
    return {
        "captions": tuple(_row(movie, caption) for caption in captions),
        "captions_add_url": reverse("admin:catalog_movie_caption_add", args=[movie.pk]),
    }


def _row(movie: Movie, caption: Caption) -> CaptionRow:
    place = [movie.pk, caption.pk]
    return CaptionRow(
        caption=caption,
        url=reverse("admin:catalog_movie_caption", args=place),
        download_url=reverse("admin:catalog_movie_caption_download", args=place),
        remove_url=reverse("admin:catalog_movie_caption_remove", args=place),
    )


def _caption(movie: Movie, caption_id: int) -> Caption:
    caption = movie.captions.filter(pk=caption_id).first()
    if caption is None:
        raise Http404
    return caption


def _forms(request: HttpRequest, caption: Caption, step: str) -> dict[str, Any]:
    """Return the forms of the preview, of which the one that was sent holds what was sent."""
    said = {name: getattr(caption, name) for name in ("language", "kind", "label", "is_default")}
    sent = (request.POST, request.FILES)
    makers: dict[str, Callable[..., Any]] = {
        "details": partial(CaptionForm, is_new=False, initial=said, prefix="details"),
        "shift": partial(ShiftForm, prefix="shift"),
        "points": partial(PointsForm, prefix="points"),
    }
    return {name: make(*sent) if name == step else make() for name, make in makers.items()}


def _preview(request: HttpRequest, caption: Caption) -> dict[str, Any]:
    findings = [finding_from_json(stored) for stored in caption.warnings]
    by_cue: dict[int, list[str]] = defaultdict(list)
    for finding in findings:
        if finding.cue is not None:
            by_cue[finding.cue].append(describe_finding(finding, with_place=False))
    only_warnings = "warnings" in request.GET
    cues = [cue for cue in read_stored(caption.webvtt) if not only_warnings or cue.number in by_cue]
    page: Page[Cue] = Paginator(cues, _CUES_ON_A_PAGE).get_page(request.GET.get("page"))
    return {
        "title": f"{caption.label} – {caption.language_label}",
        "caption": caption,
        "cues": tuple(_cue_row(cue, by_cue.get(cue.number, ())) for cue in page),
        "cue_page": page,
        "only_warnings": only_warnings,
        "file_warnings": tuple(describe_finding(finding) for finding in findings if finding.cue is None),
    }


def _cue_row(cue: Cue, warnings: Iterable[str]) -> CueRow:
    return CueRow(
        number=cue.number,
        start=format_clock(cue.start_ms),
        end=format_clock(cue.end_ms),
        seconds=f"{(cue.end_ms - cue.start_ms) / 1000:.1f}",
        text=plain_text(cue.text),
        place=_place_in_words(cue.settings),
        warnings=tuple(warnings),
    )


def _place_in_words(settings: str) -> str:
    """Return where a cue stands as editors say it; what has no words of its own stays as the file has it."""
    words = {"line:0": _("At the top"), "line:50%": _("In the middle")}
    return words.get(settings, settings)


def _read_in_words(caption: Caption) -> str:
    cues = ngettext("%(count)d cue was read.", "%(count)d cues were read.", caption.cue_count)
    if not caption.warning_count:
        return cues % {"count": caption.cue_count}
    warnings = ngettext("%(count)d place to look at.", "%(count)d places to look at.", caption.warning_count)
    return f"{cues % {'count': caption.cue_count}} {warnings % {'count': caption.warning_count}}"
