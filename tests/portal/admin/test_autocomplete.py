"""Fields with autocompletion, and keys that no browser would send."""

import pytest
from django.test import Client

from portal.models import User
from tests.factories import make_genre, make_movie

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", ["drama", "\0", "1.5", "٣", "-1", "9" * 40, "<b>"])
def test_a_genre_that_cannot_be_one_is_refused_in_the_form(client: Client, editor: User, key: str) -> None:
    client.force_login(editor)
    movie, drama = make_movie(), make_genre()
    path = f"/admin/catalog/movie/{movie.pk}/change/"
    response = client.post(path, {"title": "Kept", "genres": [str(drama.pk), key], "seen_version": "1"})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors["genres"]
    # What was chosen properly is still chosen.
    assert f'<option value="{drama.pk}" selected' in response.content.decode()


@pytest.mark.parametrize("key", ["editor", "\0", "9" * 40])
def test_a_role_that_cannot_be_one_is_refused_in_the_form(client: Client, administrator: User, key: str) -> None:
    client.force_login(administrator)
    path = f"/admin/portal/user/{administrator.pk}/change/"
    response = client.post(path, {"username": "administrator", "groups": [key]})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors["groups"]
