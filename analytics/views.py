"""The pages of figures."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from analytics import access
from analytics.definitions import CHAPTERS
from analytics.pages import dashboard, movie, stream
from analytics.pages.ranges import RangeForm
from portal import clock


@require_safe
@never_cache
def show_dashboard(request: HttpRequest) -> HttpResponse:
    access.require_sight_of_portal(request.user)
    at = clock.now()
    form = RangeForm(request.GET, at=at, presets=dashboard.PRESETS)
    page = dashboard.dashboard_page(form, at=at)
    return render(request, "dashboard/dashboard.html", {"page": page}, status=_status(form))


@require_safe
@never_cache
def show_stream(request: HttpRequest, stream_id: UUID) -> HttpResponse:
    shown = access.get_stream_for_figures(request.user, stream_id)
    at = clock.now()
    form = RangeForm(request.GET, at=at, presets=stream.PRESETS, whole=stream.whole_broadcast(shown, at=at))
    page = stream.stream_figures_page(shown, form, at=at)
    return render(request, "dashboard/stream.html", {"page": page}, status=_status(form))


@require_safe
@never_cache
def show_movie(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the figures of a movie; a former address leads to the present one."""
    shown = access.get_movie_for_figures(request.user, slug)
    if shown.slug != slug:
        return redirect("analytics:movie", shown.slug, permanent=False)
    at = clock.now()
    form = RangeForm(request.GET, at=at, presets=movie.PRESETS)
    page = movie.movie_figures_page(shown, form, at=at)
    return render(request, "dashboard/movie.html", {"page": page}, status=_status(form))


@require_safe
def show_definitions(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/definitions.html", {"chapters": CHAPTERS})


def _status(form: RangeForm) -> int:
    return 422 if form.errors else 200
