"""The catalogue's pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from catalog import access, pages
from catalog.viewpoints import viewpoint_of

# A page greets its visitor by name: no shared cache may keep it, and a browser asks again.
_own_page = cache_control(private=True, no_cache=True)


@require_safe
@_own_page
def show_home(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/home.html", {"page": pages.home_page(viewpoint_of(request))})


@require_safe
@_own_page
def list_movies(request: HttpRequest) -> HttpResponse:
    page = pages.movie_list_page(
        query=request.GET.get("q", ""), cursor=request.GET.get("cursor", ""), viewpoint=viewpoint_of(request)
    )
    return render(request, "catalog/movie_list.html", {"page": page})


@require_safe
@_own_page
def show_movie(request: HttpRequest, slug: str) -> HttpResponse:
    movie = access.get_movie_for_viewing(request.user, slug, viewpoint=viewpoint_of(request))
    if movie.slug != slug:
        return redirect(movie, permanent=True)
    page = pages.movie_page(movie, sees_hidden=access.sees_hidden_movies(request.user))
    response = render(request, "catalog/movie_detail.html", {"page": page})
    if not movie.is_watchable:
        # What viewers may not see stays in no cache at all, not even that of the editor's browser.
        response.headers["Cache-Control"] = "no-store"
    return response
