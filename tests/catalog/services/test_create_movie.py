import pytest

from catalog.errors import SlugTaken
from catalog.models import Movie
from catalog.services.movies import create_movie
from portal.models import AuditEntry, User
from tests.factories import AT, make_genre, make_movie

pytestmark = pytest.mark.django_db


def test_a_new_movie_is_a_draft_with_an_address_made_of_its_title(editor: User) -> None:
    genre = make_genre(slug="drama")

    movie = create_movie(title="Salt on the Piano", year=2011, facts={"genres": [genre]}, by=editor, at=AT)

    movie.refresh_from_db()
    assert (movie.slug, movie.visibility, movie.published_at, movie.version) == ("salt-on-the-piano", "DRAFT", None, 1)
    assert (movie.created_at, movie.updated_at) == (AT, AT)
    assert list(movie.genres.all()) == [genre]


def test_the_trail_says_who_added_what(editor: User) -> None:
    genre = make_genre(slug="drama")

    movie = create_movie(title="Meridian", year=2025, facts={"genres": [genre]}, by=editor, at=AT)

    entry = AuditEntry.objects.get(action="movie.created")
    assert (entry.actor, entry.object_id, entry.at) == (editor, str(movie.pk), AT)
    assert entry.after["title"] == "Meridian"
    assert entry.after["genres"] == ["drama"]


def test_remakes_get_addresses_of_their_own() -> None:
    slugs = [create_movie(title="Solaris", year=year, by=None, at=AT).slug for year in (1972, 2002, 2002, 2002)]

    assert slugs == ["solaris", "solaris-2002", "solaris-2002-2", "solaris-2002-3"]


@pytest.mark.parametrize(
    ("title", "original_title", "slug"),
    [
        ("เรือเที่ยวสุดท้าย", "Last Ferry", "last-ferry"),
        ("เรือเที่ยวสุดท้าย", "", "movie-2023"),
        ("Snake_case __ and — dashes", "", "snake-case-and-dashes"),
        ("x" * 200, "", "x" * 111),
    ],
)
def test_any_title_yields_a_valid_address(title: str, original_title: str, slug: str) -> None:
    movie = create_movie(title=title, year=2023, facts={"original_title": original_title}, by=None, at=AT)

    assert movie.slug == slug


def test_an_address_that_is_taken_is_refused_with_a_free_one() -> None:
    make_movie(slug="meridian")

    with pytest.raises(SlugTaken) as caught:
        create_movie(title="Meridian", year=2025, facts={"slug": "meridian"}, by=None, at=AT)

    assert caught.value.extras["proposed"] == "meridian-2025"
    assert Movie.objects.count() == 1
    assert not AuditEntry.objects.filter(action="movie.created").exists()
