"""The catalogue's pages."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from catalog import access, pages
from catalog.viewpoints import Viewpoint, viewpoint_of
from portal.errors import NotFound

# A page greets its visitor by name: no shared cache may keep it, and a browser asks again.
_own_page = cache_control(private=True, no_cache=True)


@require_safe
@_own_page
def show_home(request: HttpRequest) -> HttpResponse:
    viewpoint = viewpoint_of(request)
    following = pages.follow_catalogue(viewpoint, shows_new=True)
    return _page(request, "catalog/home.html", pages.home_page(viewpoint), viewpoint, following=following)


@require_safe
@_own_page
def list_movies(request: HttpRequest) -> HttpResponse:
    viewpoint = viewpoint_of(request)
    following = pages.follow_catalogue(viewpoint, shows_new=not request.GET)
    page = pages.movie_list_page(request.GET, viewpoint=viewpoint)
    return _page(request, "catalog/movie_list.html", page, viewpoint, following=following)


@require_safe
@_own_page
def show_movie(request: HttpRequest, slug: str) -> HttpResponse:
    viewpoint = viewpoint_of(request)
    if access.sees_hidden_movies(request.user):
        return _show_movie_to_staff(request, slug, viewpoint)
    page = pages.movie_page_for_viewers(slug, viewpoint=viewpoint)
    if page.movie.art_key != slug:
        return _lead_to(page.movie.art_key, request)
    return _movie(request, page, viewpoint)


@require_safe
@_own_page
def show_genre(request: HttpRequest, slug: str) -> HttpResponse:
    viewpoint = viewpoint_of(request)
    following = pages.follow_catalogue(viewpoint, shows_new=False)
    genre = access.get_genre(slug)
    page = pages.genre_page(genre, request.GET, viewpoint=viewpoint)
    return _page(request, "catalog/genre.html", page, viewpoint, following=following)


@require_safe
@_own_page
def show_person(request: HttpRequest, slug: str) -> HttpResponse:
    viewpoint = viewpoint_of(request)
    following = pages.follow_catalogue(viewpoint, shows_new=False)
    person = access.get_person_for_viewing(request.user, slug, viewpoint=viewpoint)
    page = pages.person_page(person, viewpoint=viewpoint)
    return _page(request, "catalog/person.html", page, viewpoint, following=following)


def _show_movie_to_staff(request: HttpRequest, slug: str, viewpoint: Viewpoint) -> HttpResponse:
    try:
        movie = access.get_movie_for_viewing(request.user, slug, viewpoint=viewpoint)
    except NotFound:
        if viewpoint.is_preview:
            return _show_absent_movie(request, slug, viewpoint)
        raise
    if movie.slug != slug:
        return _lead_to(movie.slug, request)
    page = pages.movie_page(movie, viewpoint=viewpoint, sees_hidden=True)
    response = _movie(request, page, viewpoint)
    if not movie.is_watchable:
        # What viewers may not see stays in no cache at all, not even that of the editor's browser.
        response.headers["Cache-Control"] = "no-store"
    return response


def _movie(request: HttpRequest, page: pages.MoviePage, viewpoint: Viewpoint) -> HttpResponse:
    playing = pages.playing_of(request, page, viewpoint)
    return _page(request, "catalog/movie_detail.html", pages.with_viewers(page, viewpoint), viewpoint, playing=playing)


def _lead_to(slug: str, request: HttpRequest) -> HttpResponse:
    """Lead from a former address of a film to the present one."""
    query = request.META.get("QUERY_STRING", "")
    path = reverse("catalog:movie-detail", args=(slug,))
    return HttpResponsePermanentRedirect(f"{path}{f'?{query}' if query else ''}")


def _show_absent_movie(request: HttpRequest, slug: str, viewpoint: Viewpoint) -> HttpResponse:
    """Tell somebody who previews a moment that viewers will not see this film then, and why."""
    movie = access.get_movie_for_viewing(request.user, slug, viewpoint=replace(viewpoint, is_preview=False))
    page = pages.absent_movie_page(movie, viewpoint)
    response = _page(request, "catalog/absent_movie.html", page, viewpoint)
    response.status_code = 404
    return response


def _page(
    request: HttpRequest,
    template: str,
    page: Any,
    viewpoint: Viewpoint,
    **others: pages.Following | pages.Playing | None,
) -> HttpResponse:
    """Render a page; what is seen of another moment stays in no cache."""
    preview = pages.preview_of(viewpoint, request.path)
    response = render(request, template, {"page": page, "preview": preview, **others})
    if preview:
        response.headers["Cache-Control"] = "no-store"
    return response
