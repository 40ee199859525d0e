"""Who may see which figures: one table of calls and people."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from analytics import access
from portal.errors import NotFound
from portal.models import User
from tests.factories import make_channel, make_movie, make_package, make_source, make_stream

pytestmark = pytest.mark.django_db

PEOPLE = (None, "stranger", "viewer", "broadcaster", "editor", "operator", "administrator")
_OPERATORS = (401, 404, 404, 404, 404, 200, 200)
# Editors run every channel, as in the studio.
_STUDIO = (401, 404, 404, 200, 200, 200, 200)
_STUDIO_OF_OTHERS = (401, 404, 404, 404, 200, 200, 200)
_MOVIES = (401, 404, 404, 404, 200, 200, 200)

# The statuses that `PEOPLE` get, in their order; the broadcaster runs the channel of `stream` and of `recording`.
CALLS: dict[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    "audience": (("audience/", _OPERATORS),),
    "audience-file": (("audience.csv", _OPERATORS),),
    "stream-metrics": (("streams/{stream}/metrics/", _STUDIO), ("streams/{other}/metrics/", _STUDIO_OF_OTHERS)),
    "stream-metrics-file": (
        ("streams/{stream}/metrics.csv", _STUDIO),
        ("streams/{other}/metrics.csv", _STUDIO_OF_OTHERS),
    ),
    "stream-viewers": (("streams/{stream}/viewers/", _STUDIO), ("streams/{other}/viewers/", _STUDIO_OF_OTHERS)),
    "movie-audience": (("movies/{movie}/audience/", _MOVIES), ("movies/{recording}/audience/", _STUDIO)),
    "movie-audience-file": (("movies/{movie}/audience.csv", _MOVIES), ("movies/{recording}/audience.csv", _STUDIO)),
    "movie-retention": (("movies/{movie}/retention/", _MOVIES), ("movies/{recording}/retention/", _STUDIO)),
}


@pytest.fixture
def places(broadcaster: User) -> dict[str, Any]:
    """Streams and movies, those of the broadcaster and those of others; recordings are drafts at first."""
    package = make_package(make_source(movie=make_movie(slug="recording", visibility="DRAFT")))
    stream = make_stream(make_channel(owner=broadcaster), phase="ended", recording=package)
    other = make_stream(phase="ended", recording=make_package(make_source(movie=make_movie(slug="of-others"))))
    make_movie(slug="harbour")
    return {"stream": stream.pk, "other": other.pk, "movie": "harbour", "recording": "recording"}


@pytest.mark.parametrize("name", CALLS)
def test_who_may_see_what(request: pytest.FixtureRequest, places: dict[str, Any], name: str) -> None:
    for path, statuses in CALLS[name]:
        for person, status in zip(PEOPLE, statuses, strict=True):
            api = APIClient()
            api.force_authenticate(request.getfixturevalue(person) if person else None)
            answer = api.get(f"/api/v1/{path.format(**places)}")
            assert answer.status_code == status, (path, person)
            if status >= 400:
                assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_table_knows_every_address() -> None:
    (found,) = (
        entry
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver) and entry.namespace == "analytics-api"
    )
    assert {page.name for page in found.url_patterns if isinstance(page, URLPattern)} == set(CALLS)


def test_nobody_can_write_figures(operator: User, places: dict[str, Any]) -> None:
    api = APIClient()
    api.force_authenticate(operator)
    for calls in CALLS.values():
        assert api.post(f"/api/v1/{calls[0][0].format(**places)}", {}).status_code == 405


def test_the_recordings_of_others_are_not_there(broadcaster: User, places: dict[str, Any]) -> None:
    with pytest.raises(NotFound):
        access.get_movie_for_figures(broadcaster, "of-others")


def test_nobody_is_a_stranger_to_whom_films_without_a_channel_belong(places: dict[str, Any]) -> None:
    for slug in ("harbour", "recording", "of-others"):
        with pytest.raises(NotFound):
            access.get_movie_for_figures(AnonymousUser(), slug)
    with pytest.raises(NotFound):
        access.get_stream_for_figures(AnonymousUser(), places["stream"])
