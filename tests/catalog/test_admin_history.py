"""What the desk tells of a movie's past, in words and not in codes."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from catalog.artwork.frames import FocalPoint
from catalog.models import Artwork, Caption, Credit, Movie
from catalog.services.artwork import ArtworkPlan, set_artwork
from catalog.services.availability import WindowPlan, replace_windows
from catalog.services.captions import CaptionPlan, add_caption
from catalog.services.credits import CreditPlan, replace_credits
from catalog.services.movies import change_visibility, update_movie
from portal import audit
from portal.models import User
from tests.catalog.desk import MOVIES
from tests.factories import AT, SRT, make_genre, make_movie, make_person, make_picture_file, make_tag


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def history(desk: Client, movie: Movie) -> str:
    return desk.get(f"{MOVIES}{movie.pk}/history/").content.decode()


def test_the_history_names_facts_as_people_do(desk: Client) -> None:
    movie = make_movie(minimum_age=None, runtime_s=None)
    changes = {
        "minimum_age": 0,
        "runtime_s": 6240,
        "countries": ["TH", "FR"],
        "languages": ["th"],
        "is_announced": True,
    }

    update_movie(movie_id=movie.pk, changes=changes, by=None, at=AT)  # type: ignore[arg-type]  # MovieChanges' own names

    html = history(desk, movie)
    assert "Age rating: All ages" in html
    assert "Length: 1 h 44 min" in html
    assert "6240" not in html
    assert "Countries: Thailand, France" in html
    assert "Languages: Thai" in html
    assert "Announced: no → yes" in html


def test_the_history_names_visibilities_and_shelves(desk: Client) -> None:
    movie = make_movie(visibility="DRAFT")
    genre, tag = make_genre(name="Science fiction", slug="sci-fi"), make_tag(name="One location", slug="one-location")

    change_visibility(movie_id=movie.pk, visibility=Movie.Visibility.PUBLISHED, by=None, at=AT)
    update_movie(movie_id=movie.pk, changes={"genres": [genre], "tags": [tag]}, by=None, at=AT)

    html = history(desk, movie)
    assert "Visibility: Draft → Published" in html
    assert "Genres: Science fiction" in html
    assert "Tags: One location" in html


def test_the_history_names_people_and_what_they_did(desk: Client) -> None:
    movie, ada = make_movie(), make_person(name="Ada Loy", slug="ada-loy")
    plans = [
        CreditPlan(person=ada, role=Credit.Role.DIRECTOR),
        CreditPlan(person=ada, role=Credit.Role.CAST, character="The captain"),
    ]

    replace_credits(movie_id=movie.pk, plans=plans, by=None, at=AT)

    assert "Credits: Director: Ada Loy, Cast: Ada Loy (The captain)" in history(desk, movie)


def test_the_history_names_captions_and_pictures(desk: Client, media: Path) -> None:
    movie = make_movie()
    plan = CaptionPlan(language="th", kind=Caption.Kind.FORCED, label="", is_default=True, content=SRT)
    picture = ArtworkPlan(kind=Artwork.Kind.POSTER, content=make_picture_file(600, 900), focal=FocalPoint(y=0.25))

    add_caption(movie_id=movie.pk, plan=plan, by=None, at=AT)
    set_artwork(movie_id=movie.pk, plan=picture, by=None, at=AT)

    html = history(desk, movie)
    assert "Language: Thai" in html
    assert "Kind: Forced" in html
    assert "Default: yes" in html
    assert "Poster: 600 × 900, 50 % across, 25 % down" in html


def test_the_history_is_told_in_the_readers_language(desk: Client) -> None:
    movie = make_movie(visibility="DRAFT")
    plan = WindowPlan(starts_at=AT, ends_at=AT + timedelta(days=1))
    change_visibility(movie_id=movie.pk, visibility=Movie.Visibility.PUBLISHED, by=None, at=AT)
    replace_windows(movie_id=movie.pk, plans=[plan], by=None, at=AT)

    html = desk.get(f"{MOVIES}{movie.pk}/history/", headers={"Accept-Language": "th"}).content.decode()

    assert "ฉบับร่าง → เผยแพร่แล้ว" in html
    assert "Windows" not in html


def test_codes_that_there_are_no_more_stay_as_they_were(desk: Client) -> None:
    movie = make_movie()
    audit.record("movie.updated", movie, by=None, at=AT, after={"minimum_age": 17, "credits": ["GAFFER ada-loy"]})

    html = history(desk, movie)

    assert "Age rating: 17" in html
    assert "GAFFER ada-loy" in html
