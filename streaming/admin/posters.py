"""The pages on which an editor makes a frame of a film the picture of its movie."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from unfold.admin import ModelAdmin

from catalog.models import Artwork
from portal import clock
from portal.admin.trailed import signed_in
from portal.errors import PortalError
from streaming.access import get_package_for_posters
from streaming.media.package_plan import MOST_POSTERS
from streaming.models import Package
from streaming.services.posters import read_candidate, use_candidate

# They never change, and are nobody's business but the desk's.
_KEPT = "private, max-age=86400, immutable"


class FrameForm(forms.Form):
    number = forms.IntegerField(min_value=1, max_value=MOST_POSTERS)
    kind = forms.TypedChoiceField(choices=Artwork.Kind.choices, coerce=Artwork.Kind)


class PosterDesk(ModelAdmin):  # type: ignore[misc]  # Unfold has no types
    """Adds the choice of a poster to the desk of packages."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.posters_view))
        frame = self.admin_site.admin_view(require_safe(self.frame_view), cacheable=True)
        return [
            path("<uuid:package_id>/posters/", page, name="streaming_package_posters"),
            path("<uuid:package_id>/posters/<int:number>.jpg", frame, name="streaming_package_frame"),
            *super().get_urls(),
        ]

    def posters_view(self, request: HttpRequest, package_id: UUID) -> HttpResponse:
        """Show the frames; make one of them a picture of the movie, and go to that movie."""
        package = get_package_for_posters(request.user, package_id)
        if request.method == "POST":
            return self._use(request, package)
        title = _("Choose a picture of “%(movie)s” from the film") % {"movie": package.movie}
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "frames": _frames(package),
            "kinds": Artwork.Kind,
        }
        return TemplateResponse(request, "admin/streaming/posters.html", context)

    def frame_view(self, request: HttpRequest, package_id: UUID, number: int) -> HttpResponse:
        package = get_package_for_posters(request.user, package_id)
        content = read_candidate(package=package, number=number)
        return HttpResponse(content, content_type="image/jpeg", headers={"Cache-Control": _KEPT})

    def _use(self, request: HttpRequest, package: Package) -> HttpResponse:
        form = FrameForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Choose one of the pictures."))
            return redirect("admin:streaming_package_posters", package.pk)
        chosen = form.cleaned_data
        try:
            use_candidate(
                package=package, number=chosen["number"], kind=chosen["kind"], by=signed_in(request), at=clock.now()
            )
        except PortalError as error:
            messages.error(request, str(error.detail or error.title))
            return redirect("admin:streaming_package_posters", package.pk)
        messages.success(request, _("The movie has the picture. Choose what of it stays in view."))
        return redirect(reverse("admin:catalog_movie_change", args=[package.movie_id]) + "#tab-media")


def _frames(package: Package) -> list[dict[str, object]]:
    numbers = range(1, len(package.index.get("posters", ())) + 1)
    url = "admin:streaming_package_frame"
    return [{"number": number, "url": reverse(url, args=[package.pk, number])} for number in numbers]
