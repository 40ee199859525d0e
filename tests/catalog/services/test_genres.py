import pytest

from catalog.errors import NameTaken, ShelfChangedMeanwhile, SlugTaken
from catalog.models import Genre
from catalog.services.genres import create_genre, rename_genre
from portal.errors import NotFound
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


def test_genres_of_names_that_are_written_alike_get_addresses_of_their_own() -> None:
    names = ["Sci Fi", "Sci-Fi"]

    assert [create_genre(name=name, by=None, at=AT).slug for name in names] == ["sci-fi", "sci-fi-2"]


def test_a_name_or_an_address_that_is_taken_is_refused() -> None:
    drama = make_genre(name="Drama", slug="drama")

    with pytest.raises(NameTaken) as taken:
        create_genre(name="Drama", by=None, at=AT)
    with pytest.raises(SlugTaken) as booked:
        create_genre(name="Dramas", slug="drama", by=None, at=AT)
    with pytest.raises(NameTaken):
        rename_genre(genre_id=make_genre().pk, name="Drama", by=None, at=AT)

    assert taken.value.extras["slug"] == "drama"
    assert booked.value.extras["proposed"] == "drama-2"
    assert not AuditEntry.objects.exists()
    assert Genre.objects.exclude(name__startswith="Genre").get() == drama


def test_a_rename_on_top_of_another_is_refused() -> None:
    genre = make_genre(name="Drama")

    with pytest.raises(ShelfChangedMeanwhile) as refused:
        rename_genre(genre_id=genre.pk, name="Dramas", by=None, at=AT, expected_name="Comedy")

    assert refused.value.extras == {"name": "Drama"}


def test_a_genre_that_is_gone_is_not_renamed() -> None:
    with pytest.raises(NotFound):
        rename_genre(genre_id=0, name="Dramas", by=None, at=AT)
