"""How the pictures of a movie are named in pages and link previews."""

import pytest
from django.test import Client

from catalog.artwork.pictures import card_url, picture_of, pictures_of, social_picture
from catalog.models import Artwork
from tests.factories import make_artwork, make_movie

pytestmark = pytest.mark.django_db


def test_a_picture_is_offered_in_its_formats_and_widths_the_best_first() -> None:
    artwork = make_artwork(make_movie(), formats=["avif", "webp", "jpg"], widths=[180, 360, 500])
    folder = f"/art/movies/{artwork.movie_id}/{artwork.edition}"

    picture = picture_of(artwork)

    assert [source.type for source in picture.sources] == ["image/avif", "image/webp"]
    assert picture.sources[0].srcset == ", ".join(f"{folder}/{width}.avif {width}w" for width in (180, 360, 500))
    assert picture.srcset.endswith(f"{folder}/500.jpg 500w")
    assert picture.src == f"{folder}/360.jpg"
    assert (picture.width, picture.height) == (500, 750)
    assert picture.placeholder.startswith("data:image/webp;base64,")


def test_before_the_worker_comes_a_page_names_what_there_is() -> None:
    picture = picture_of(make_artwork(make_movie()))
    assert [source.type for source in picture.sources] == ["image/webp"]


def test_a_movie_may_lack_either_picture() -> None:
    movie = make_movie()
    assert pictures_of(movie.artwork.all()).poster is None
    make_artwork(movie, kind=Artwork.Kind.BACKDROP)
    pictures = pictures_of(movie.artwork.all())
    assert pictures.poster is None
    assert pictures.backdrop is not None


def test_link_previews_show_the_backdrop_before_the_poster_and_that_before_a_card() -> None:
    movie = make_movie()
    assert social_picture(movie).src == card_url(movie)
    poster = make_artwork(movie)
    assert poster.edition in social_picture(movie).src
    backdrop = make_artwork(movie, kind=Artwork.Kind.BACKDROP)
    shown = social_picture(movie)
    assert shown.src == f"/art/movies/{movie.pk}/{backdrop.edition}/social.jpg"
    assert (shown.width, shown.height) == (1200, 630)


def test_a_page_shows_the_pictures_of_its_film(client: Client) -> None:
    movie = make_movie()
    poster, backdrop = make_artwork(movie), make_artwork(movie, kind=Artwork.Kind.BACKDROP)

    page = client.get(movie.get_absolute_url()).content.decode()

    assert f"/{poster.edition}/720.webp 720w" in page
    assert f"/{backdrop.edition}/1920.webp 1920w" in page
    assert "/art/covers/" not in page


def test_the_home_page_is_small(client: Client) -> None:
    for number in range(24):
        make_movie(title=f"The Lighthouse at Low Tide, part {number}")
    assert len(client.get("/").content) < 60_000
