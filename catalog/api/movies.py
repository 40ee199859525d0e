"""Movies for API clients."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import access
from catalog.api.conditions import IF_MATCH, expected_version, signed_in
from catalog.api.parameters import (
    ANY_VISIBILITY,
    MOVIE_LIST,
    MOVIES_ON_A_PAGE,
    PREVIEW,
    PREVIEW_NAMES,
    PREVIEW_PROBLEMS,
)
from catalog.api.serializers import MovieDetailSerializer, MovieSerializer, MovieWriteSerializer, VisibilitySerializer
from catalog.caching import remember
from catalog.errors import MovieChangedMeanwhile, MovieWasPublished, SlugTaken
from catalog.listing.query import Availability, Fault, ListingQuery, Sort
from catalog.listing.reading import (
    Listing,
    filter_movies,
    order_movies,
    ordering_of,
    parse_cursor,
    read_listing,
    write_cursor,
)
from catalog.models import Movie
from catalog.services import movies
from catalog.services.revisions import lock_movie
from catalog.services.tags import ensure_tags
from catalog.viewpoints import Viewpoint, viewpoint_of
from portal import clock, errors
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.idempotency import IDEMPOTENCY_KEY, IDEMPOTENCY_PROBLEMS, create_once
from portal.api.pagination import CURSOR_PARAM, PAGE_SIZE_PARAM, CursorPages, page_url, read_page_size
from portal.api.schema import problems

_VISIBILITY = "visibility"
_SHOWN_WITH = ("genres", "tags", "windows", "artwork")
# Drafts have no date of these.
_NEVER_OF_DRAFTS = frozenset({Sort.ADDED, Sort.OPENING, Sort.CLOSING})
THROTTLES = {"POST": "catalogue-create", "PUT": "catalogue-update", "PATCH": "catalogue-update"}

_NEW_MOVIE = OpenApiExample(
    "A new movie",
    value={
        "title": "Meridian",
        "year": 2025,
        "runtime_s": 6240,
        "countries": ["TH"],
        "languages": ["th"],
        "minimum_age": 13,
        "genres": ["science-fiction"],
        "tags": ["one location"],
    },
    request_only=True,
)


class MoviePageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    answered_query = serializers.CharField(
        help_text="The spelling that was searched for, if nothing was found by `q` itself; otherwise empty."
    )
    is_near = serializers.BooleanField(help_text="Nothing was found by any spelling; these have most of the words.")
    results = MovieSerializer(many=True)


class MovieListView(APIView):
    """The movies that viewers find; editors add to them."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    throttle_scopes = THROTTLES

    @extend_schema(
        operation_id="movies_list",
        tags=["movies"],
        parameters=[*MOVIE_LIST, IF_NONE_MATCH],
        responses={200: MoviePageSerializer, **NOT_MODIFIED, **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Find movies, as the list of the portal does: search, filters and orders go together."""
        viewpoint = viewpoint_of(request)
        if _VISIBILITY in request.query_params:
            return tagged(request, _page_for_editors(request, viewpoint))
        return tagged(request, _page(request, _query(request), viewpoint))

    @extend_schema(
        operation_id="movies_create",
        tags=["movies"],
        parameters=[IDEMPOTENCY_KEY],
        request=MovieWriteSerializer,
        responses={201: MovieDetailSerializer, **problems(SlugTaken, *IDEMPOTENCY_PROBLEMS)},
        examples=[_NEW_MOVIE],
    )
    def post(self, request: Request) -> Response:
        """Add a movie, as a draft."""
        access.require_may_add_movies(request.user)
        return create_once(request, lambda: _create(request))


class MovieView(APIView):
    """One movie."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    throttle_scopes = THROTTLES

    @extend_schema(
        operation_id="movies_retrieve",
        tags=["movies"],
        parameters=[*PREVIEW, IF_NONE_MATCH],
        responses={200: MovieDetailSerializer, **NOT_MODIFIED, **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Read a movie; its ETag is for `If-Match`."""
        refuse_unknown(request, *PREVIEW_NAMES)
        viewpoint = viewpoint_of(request)
        if access.sees_hidden_movies(request.user):
            movie = access.get_movie_for_viewing(request.user, slug, viewpoint=viewpoint)
            return answer_movie(request, movie, viewpoint)
        content = remember(f"api movie:{slug}", viewpoint, lambda: _movie_for_viewers(slug, viewpoint))
        return tagged(request, content, revision=str(content["version"]))

    @extend_schema(
        operation_id="movies_partial_update",
        tags=["movies"],
        parameters=[IF_MATCH],
        request=MovieWriteSerializer(partial=True),
        responses={200: MovieDetailSerializer, **problems(SlugTaken, MovieChangedMeanwhile)},
        examples=[OpenApiExample("Another line", value={"tagline": "The signal left first."}, request_only=True)],
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change what is sent and leave the rest."""
        viewpoint = viewpoint_of(request)
        movie = access.get_movie_for_editing(request.user, slug, viewpoint=viewpoint)
        serializer = MovieWriteSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            # Before its tags, as everybody locks them.
            lock_movie(movie.pk, expected_version=expected_version(request, of=movie))
            updated = movies.update_movie(
                movie_id=movie.pk,
                changes=_with_tags(serializer.validated_data, request),
                by=signed_in(request),
                at=clock.now(),
            )
        return answer_movie(request, updated, viewpoint)


class MovieVisibilityView(APIView):
    """Who may see a movie."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    throttle_scopes = THROTTLES

    @extend_schema(
        operation_id="movies_visibility_update",
        tags=["movies"],
        parameters=[IF_MATCH],
        request=VisibilitySerializer,
        responses={200: MovieDetailSerializer, **problems(MovieWasPublished, MovieChangedMeanwhile)},
    )
    def put(self, request: Request, slug: str) -> Response:
        """Publish, unlist or hide a movie; open pages follow at once."""
        viewpoint = viewpoint_of(request)
        movie = access.get_movie_for_editing(request.user, slug, viewpoint=viewpoint)
        serializer = VisibilitySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        updated = movies.change_visibility(
            movie_id=movie.pk,
            visibility=Movie.Visibility(serializer.validated_data["visibility"]),
            by=signed_in(request),
            at=clock.now(),
            expected_version=expected_version(request, of=movie),
        )
        return answer_movie(request, updated, viewpoint)


def answer_movie(
    request: Request, movie: Movie, viewpoint: Viewpoint, *, status: int = 200, location: str = ""
) -> Response:
    """Answer with all of a movie that the caller may know, as seen from `viewpoint`."""
    content = _described(movie, viewpoint, sees_windows=sees_windows(request, viewpoint))
    headers = {"Location": location} if location else {}
    return tagged(request, content, revision=str(movie.version), status=status, headers=headers)


def sees_windows(request: Request, viewpoint: Viewpoint) -> bool:
    """Tell whether the caller is told when the movie can be seen elsewhere: in a preview nobody is."""
    return access.sees_hidden_movies(request.user) and not viewpoint.is_preview


def _movie_for_viewers(slug: str, viewpoint: Viewpoint) -> dict[str, Any]:
    movie = access.get_movie_for_viewing(AnonymousUser(), slug, viewpoint=viewpoint)
    return _described(movie, viewpoint, sees_windows=False)


def _described(movie: Movie, viewpoint: Viewpoint, *, sees_windows: bool) -> dict[str, Any]:
    prefetch_related_objects([movie], *_SHOWN_WITH)
    context = {"viewpoint": viewpoint, "sees_windows": sees_windows}
    return dict(MovieDetailSerializer(movie, context=context).data)


def _create(request: Request) -> Response:
    serializer = MovieWriteSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    with transaction.atomic():
        facts = _with_tags(serializer.validated_data, request)
        movie = movies.create_movie(
            title=facts["title"], year=facts["year"], facts=facts, by=signed_in(request), at=clock.now()
        )
    location = f"{request.path}{movie.slug}/"
    return answer_movie(request, movie, Viewpoint(at=clock.now()), status=201, location=location)


def _with_tags(facts: Any, request: Request) -> Any:
    """Put tags in place of their names; the caller's transaction holds both these and the movie."""
    if "tags" not in facts:
        return facts
    return {**facts, "tags": ensure_tags(names=facts["tags"], by=signed_in(request), at=clock.now())}


def _query(request: Request) -> ListingQuery:
    query, faults = ListingQuery.parse(
        request.query_params, also_known=(_VISIBILITY, CURSOR_PARAM, PAGE_SIZE_PARAM, *PREVIEW_NAMES)
    )
    _refuse(faults)
    return query


def _refuse(faults: Iterable[Fault]) -> None:
    told = [{"parameter": f.parameter, "code": f.code, "detail": str(f.detail)} for f in faults]
    if told:
        raise errors.MalformedRequest(_("Some parameters of the query cannot be used."), errors=told)


def _page(request: Request, query: ListingQuery, viewpoint: Viewpoint) -> dict[str, Any]:
    cursor = parse_cursor(query, request.query_params.get(CURSOR_PARAM, ""))
    size = read_page_size(request.query_params, usual=MOVIES_ON_A_PAGE)

    def build() -> tuple[Listing, list[Any]]:
        listing = read_listing(query, viewpoint=viewpoint, cursor=cursor, size=size)
        prefetch_related_objects(listing.page.rows, *_SHOWN_WITH)
        rows = MovieSerializer(listing.page.rows, many=True, context={"viewpoint": viewpoint}).data
        return replace(listing, page=replace(listing.page, rows=[])), list(rows)

    is_usual = query.is_common and cursor is None and size == MOVIES_ON_A_PAGE
    listing, rows = remember(f"api movies:{query.to_query_string()}", viewpoint, build) if is_usual else build()

    def link(cursor: Any) -> str | None:
        return page_url(request.build_absolute_uri(), write_cursor(listing.query, cursor)) if cursor else None

    return {
        "next": link(listing.page.next),
        "previous": link(listing.page.previous),
        "answered_query": listing.query.text if listing.asked and not listing.is_near else "",
        "is_near": listing.is_near,
        "results": rows,
    }


def _page_for_editors(request: Request, viewpoint: Viewpoint) -> Any:
    if not access.sees_hidden_movies(request.user):
        raise errors.NotAllowed(_("Only those who run the catalogue may ask for a visibility."))
    query = _query(request)
    _refuse(_faults_for_editors(request, query))
    wanted = request.query_params[_VISIBILITY]
    found = Movie.objects.all() if wanted == ANY_VISIBILITY else Movie.objects.filter(visibility=wanted)
    ordering = ordering_of(query) if query.text or query.order else ("-updated_at", "-id")
    pages = CursorPages(ordering, usual=MOVIES_ON_A_PAGE)
    ordered = order_movies(filter_movies(found, query), query, viewpoint)
    rows = pages.paginate_queryset(ordered.prefetch_related(*_SHOWN_WITH), request)
    content = MovieSerializer(rows, many=True, context={"viewpoint": viewpoint}).data
    page: dict[str, Any] = pages.get_paginated_response(content).data
    return {**page, "answered_query": "", "is_near": False}


def _faults_for_editors(request: Request, query: ListingQuery) -> Iterable[Fault]:
    if request.query_params[_VISIBILITY] not in (*Movie.Visibility.values, ANY_VISIBILITY):
        offered = ", ".join((*Movie.Visibility.values, ANY_VISIBILITY))
        detail = _("One of %(values)s.") % {"values": offered}
        yield Fault(parameter=_VISIBILITY, code="invalid_choice", detail=detail)
    if query.availability != Availability.NOW:
        yield Fault(parameter="availability", code="does_not_fit", detail=_("Ask for it without a visibility."))
    if query.order and query.order.by in _NEVER_OF_DRAFTS:
        yield Fault(parameter="sort", code="does_not_fit", detail=_("This list has nothing to sort by so."))
