"""The tabs "Details", "Media" and "History" of a movie, and that all tabs are saved together."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Movie, Tag
from catalog.services.captions import remove_caption
from catalog.services.movies import update_movie
from portal.models import AuditEntry, User
from streaming.models import Source
from tests.catalog.desk import MOVIES, credit, filled_in, rows, window
from tests.factories import AT, make_artwork, make_caption, make_movie, make_picture_file, make_tag, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def save(desk: Client, movie: Movie, **overrides: Any) -> Any:
    response = desk.post(f"{MOVIES}{movie.pk}/change/", filled_in(movie, **overrides))
    movie.refresh_from_db()
    return response


def test_all_that_is_known_of_a_film_is_written(desk: Client) -> None:
    movie = make_movie()

    response = save(
        desk,
        movie,
        countries=["TH", "LA"],
        languages="th, ZH_hant",
        minimum_age="13",
        trailer_url="example.com/trailer",
        is_announced="on",
    )

    assert response.status_code == 302
    assert (movie.countries, movie.languages, movie.minimum_age) == (["TH", "LA"], ["th", "zh-Hant"], 13)
    assert (movie.trailer_url, movie.is_announced) == ("https://example.com/trailer", True)


def test_tags_are_free_and_told_apart_by_no_more_than_their_case(desk: Client, editor: User) -> None:
    movie, known = make_movie(), make_tag(name="heist")

    save(desk, movie, tag_names="Heist,  one   location ,, heist, ภูเขา")

    assert {tag.name for tag in movie.tags.all()} == {"heist", "one location", "ภูเขา"}
    assert known in movie.tags.all()
    assert AuditEntry.objects.filter(action="tag.created", actor=editor).count() == 2


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"countries": ["TH", "XX"]}, "XX is not one of the available choices"),
        ({"languages": "th, klingonese"}, "“klingonese” is no language"),
        ({"languages": ", ".join(["th", "en", "<b>"])}, "“&lt;b&gt;” is no language"),
        ({"tag_names": "x" * 41}, "too long"),
        ({"tag_names": ", ".join(f"tag {number}" for number in range(31))}, "Write at most 30"),
        ({"tag_names": "x" * 5000}, "at most"),
        ({"minimum_age": "99"}, "not one of the available choices"),
        ({"trailer_url": "http://example.com/"}, "begins with https://"),
        ({"trailer_url": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"trailer_url": "ftp://example.com/"}, "begins with https://"),
        ({"seen_version": "x"}, "whole number"),
        ({"synopsis": "x" * 5001}, "at most 5000"),
    ],
)
def test_a_faulty_detail_is_answered_at_its_field(desk: Client, fault: dict[str, Any], sentence: str) -> None:
    movie = make_movie(tagline="Before")

    response = save(desk, movie, **{"tagline": "After", **fault})

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert response.context["adminform"].form.tab_errors()["details"] == 1
    assert (movie.tagline, movie.version, Tag.objects.count()) == ("Before", 1, 0)


def test_markup_is_shown_as_text_on_every_tab(desk: Client) -> None:
    movie = make_movie()
    evil = '"><script>alert(1)</script>'

    save(desk, movie, title=evil, original_title=evil, tagline=evil, synopsis=evil, tag_names=evil)

    for path in (f"{MOVIES}{movie.pk}/change/", MOVIES, f"{MOVIES}{movie.pk}/history/", "/admin/catalog/tag/"):
        html = desk.get(path).content.decode()
        assert "<script>alert(1)" not in html, path
        assert "&lt;script&gt;alert(1)" in html, path


def test_a_new_film_comes_with_its_windows_people_and_tags(desk: Client) -> None:
    sent = filled_in(title="Meridian", year=2025, visibility="PUBLISHED", tag_names="heist")
    sent |= rows("windows", window("2026-12-03T20:00")) | rows("credits", credit(new_person="Ann"))

    assert desk.post(f"{MOVIES}add/", sent).status_code == 302

    movie = Movie.objects.get()
    assert (movie.windows.count(), movie.credits.count(), movie.tags.count()) == (1, 1, 1)
    assert movie.first_available_at == movie.windows.get().starts_at


def test_one_fault_keeps_every_tab_from_being_saved(desk: Client) -> None:
    movie = make_movie(tagline="Before")
    sent = filled_in(movie, tagline="After", tag_names="new tag")
    sent |= rows("windows", window("2026-12-03T20:00")) | rows("credits", credit(new_person="Ann", role="KING"))

    response = desk.post(f"{MOVIES}{movie.pk}/change/", sent)

    movie.refresh_from_db()
    assert response.context["adminform"].form.tab_errors() == {
        "details": 0,
        "media": 0,
        "availability": 0,
        "people": 1,
    }
    assert (movie.tagline, movie.windows.count(), Tag.objects.count()) == ("Before", 0, 0)
    # What was written is still there.
    assert 'value="2026-12-03T20:00"' in response.content.decode()
    assert 'value="Ann"' in response.content.decode()


def test_captions_that_changed_meanwhile_are_no_reason_to_refuse(desk: Client, editor: User) -> None:
    movie = make_movie()
    opened = filled_in(movie, tagline="New")
    remove_caption(caption_id=make_caption(movie).pk, by=editor, at=AT)

    assert desk.post(f"{MOVIES}{movie.pk}/change/", opened).status_code == 302

    movie.refresh_from_db()
    assert (movie.tagline, movie.version) == ("New", 3)


def test_a_text_that_changed_before_the_captions_is(desk: Client, editor: User) -> None:
    movie = make_movie()
    opened = filled_in(movie, tagline="Mine")
    update_movie(movie_id=movie.pk, changes={"tagline": "Theirs"}, by=editor, at=AT)
    remove_caption(caption_id=make_caption(movie).pk, by=editor, at=AT)

    assert "Nothing was saved" in desk.post(f"{MOVIES}{movie.pk}/change/", opened).content.decode()


def test_a_poster_is_sent_with_the_form(desk: Client) -> None:
    movie = make_movie()
    file = SimpleUploadedFile("poster.jpg", make_picture_file(600, 900), "image/jpeg")

    response = save(desk, movie, **{"poster-file": file, "poster-focal_x": "0.25", "poster-focal_y": "0.5"})

    assert response.status_code == 302
    poster = movie.artwork.get()
    assert (poster.kind, poster.focal_x) == ("POSTER", 0.25)


def test_a_picture_that_is_none_is_named_with_its_tab(desk: Client) -> None:
    movie = make_movie(tagline="Before")
    file = SimpleUploadedFile("poster.jpg", b"PK\x03\x04 a ZIP", "image/jpeg")

    response = save(desk, movie, tagline="After", **{"poster-file": file})

    form = response.context["adminform"].form
    assert "Media: look at the picture “Poster”." in str(form.non_field_errors())
    assert form.tab_errors()["media"] == 1
    assert (movie.tagline, movie.artwork.count()) == ("Before", 0)


def test_a_picture_that_came_with_a_fault_elsewhere_is_asked_for_again(desk: Client) -> None:
    file = SimpleUploadedFile("still life.jpg", make_picture_file(600, 900), "image/jpeg")

    response = save(desk, make_movie(), languages="klingonish", **{"poster-file": file})

    assert response.context["adminform"].form.tab_errors()["media"] == 1
    assert "choose “still life.jpg” again" in response.content.decode()


def test_pictures_that_were_not_sent_stay(desk: Client) -> None:
    movie = make_movie()
    make_artwork(movie, focal_x=0.2)

    save(desk, movie, tagline="New")

    assert movie.artwork.get().focal_x == 0.2


def test_the_history_stands_on_a_tab_of_its_own(desk: Client) -> None:
    movie = make_movie(title="Overtime")
    save(desk, movie, title="Undertime", tagline="New")

    html = " ".join(desk.get(f"{MOVIES}{movie.pk}/change/").content.decode().split())

    assert "Title: Overtime → Undertime" in html
    # Where nothing was before, nothing is shown to have been.
    assert "Tagline: New" in html


def test_former_addresses_are_listed(desk: Client) -> None:
    movie = make_movie(slug="overtime")
    save(desk, movie, slug="undertime")

    html = desk.get(f"{MOVIES}{movie.pk}/change/").content.decode()

    assert "overtime" in html.split("Former addresses")[1][:400]


def make_upload(movie: Movie, **overrides: Any) -> None:
    values = {
        "id": uuid4(),
        "owner": make_user(),
        "file_name": "film.mov",
        "size_bytes": 100,
        "storage_key": uuid4().hex,
    }
    moments = {"created_at": AT, "touched_at": AT, "expires_at": AT}
    movie.uploads.create(**values | moments | overrides)


def test_the_list_tells_how_far_an_upload_is(desk: Client) -> None:
    make_upload(make_movie(visibility="DRAFT"), offset_bytes=42)

    assert "Draft, uploading 42 %" in desk.get(MOVIES).content.decode()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("WAITING", "Draft, uploaded, waiting to be packaged"),
        ("VERIFYING", "Draft, uploaded, being compared with its checksum"),
        ("DISCARDED", "Draft"),
    ],
)
def test_the_desk_tells_where_a_source_stands(desk: Client, state: str, words: str) -> None:
    movie = make_movie(visibility="DRAFT")
    Source.objects.create(
        id=uuid4(), movie=movie, state=state, file_name="f", size_bytes=1, storage_key="k", created_at=AT
    )

    for path in (MOVIES, f"{MOVIES}{movie.pk}/change/"):
        html = " ".join(desk.get(path).content.decode().split()).replace(" <", "<")
        assert f"{words}<" in html, path
        assert ("Draft, uploaded" in html) is (state != "DISCARDED")


def test_an_operator_reads_every_tab(client: Client, operator: User) -> None:
    movie = make_movie(countries=["TH"], languages=["th"], tags=(make_tag(name="heist"),))
    make_artwork(movie)
    client.force_login(operator)

    html = client.get(f"{MOVIES}{movie.pk}/change/").content.decode()

    for words in ("heist", "720 × 1080", "Thailand", "It has no windows, and no limit.", "Nobody is credited yet."):
        assert words in html, words
    assert 'type="file"' not in html
