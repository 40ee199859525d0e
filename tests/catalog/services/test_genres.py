import pytest

from catalog.services.genres import create_genre, rename_genre
from portal.models import AuditEntry, User
from tests.factories import AT, make_genre

pytestmark = pytest.mark.django_db


def test_a_genre_gets_an_address_made_of_its_name(editor: User) -> None:
    genre = create_genre(name="Science fiction", by=editor, at=AT)

    assert genre.slug == "science-fiction"
    assert AuditEntry.objects.get(action="genre.created").actor == editor


def test_a_name_without_latin_letters_gets_an_address_too() -> None:
    assert create_genre(name="ตลก", by=None, at=AT).slug == "genre-20261120180000"


def test_a_renamed_genre_keeps_its_address(editor: User) -> None:
    genre = make_genre(name="Comedy", slug="comedy")

    rename_genre(genre_id=genre.pk, name="Comedies", by=editor, at=AT)

    genre.refresh_from_db()
    assert (genre.name, genre.slug) == ("Comedies", "comedy")
    entry = AuditEntry.objects.get(action="genre.renamed")
    assert (entry.before, entry.after) == ({"name": "Comedy"}, {"name": "Comedies"})


def test_renaming_to_the_same_leaves_no_trace() -> None:
    genre = make_genre(name="Comedy")

    rename_genre(genre_id=genre.pk, name="Comedy", by=None, at=AT)

    assert not AuditEntry.objects.exists()
