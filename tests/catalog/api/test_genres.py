import pytest
from rest_framework.test import APIClient

from tests.factories import make_genre

pytestmark = pytest.mark.django_db


def test_anybody_reads_the_genres_by_name(api: APIClient) -> None:
    make_genre(name="Western", slug="western")
    make_genre(name="Drama", slug="drama")

    answer = api.get("/api/v1/genres/").json()

    assert answer["results"] == [{"slug": "drama", "name": "Drama"}, {"slug": "western", "name": "Western"}]
    assert answer["next"] is None
