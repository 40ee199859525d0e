"""The part of the editors' form that is about one picture."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string

from catalog.artwork.forms import ArtworkForm
from catalog.artwork.frames import FocalPoint
from catalog.models import Artwork, Movie
from portal.models import User
from tests.factories import AT, make_artwork, make_movie, make_picture_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

KIND = Artwork.Kind.POSTER
AS_IT_IS = {"poster-focal_x": "0.5", "poster-focal_y": "0.5"}


@pytest.fixture
def movie(db: None) -> Movie:
    return make_movie()


def filled(movie: Movie | None, content: bytes | None = None, **values: str) -> ArtworkForm:
    data = AS_IT_IS | {f"poster-{name}": value for name, value in values.items()}
    files: dict[str, Any] = {} if content is None else {"poster-file": SimpleUploadedFile("p.jpg", content)}
    return ArtworkForm(data, files, kind=KIND, movie=movie)


def save(form: ArtworkForm, movie: Movie, editor: User) -> None:
    assert form.is_valid(), form.errors
    form.save(movie_id=movie.pk, by=editor, at=AT)


def test_left_as_it_is_it_changes_nothing(movie: Movie, editor: User) -> None:
    make_artwork(movie)
    form = filled(movie)
    save(form, movie, editor)
    assert not form.has_changed()
    movie.refresh_from_db()
    assert movie.version == 1


def test_a_file_becomes_the_poster_cut_around_the_chosen_point(movie: Movie, editor: User) -> None:
    save(filled(movie, make_picture_file(1000, 750), focal_x="0.2"), movie, editor)
    assert Artwork.objects.get().focal == FocalPoint(x=0.2)


def test_without_sliders_the_middle_stays_in_view(movie: Movie, editor: User) -> None:
    save(filled(movie, make_picture_file(500, 750), focal_x="", focal_y=""), movie, editor)
    assert Artwork.objects.get().focal == FocalPoint()


def test_the_point_alone_can_be_moved(movie: Movie, editor: User) -> None:
    save(filled(movie, make_picture_file(1000, 750)), movie, editor)
    save(filled(movie, focal_x="0"), movie, editor)
    assert Artwork.objects.get().focal == FocalPoint(x=0)


def test_a_picture_can_be_removed(movie: Movie, editor: User) -> None:
    make_artwork(movie)
    save(filled(movie, is_removed="on"), movie, editor)
    assert not Artwork.objects.exists()


def test_what_is_not_there_is_neither_moved_nor_removed(movie: Movie, editor: User) -> None:
    save(filled(movie, focal_x="0", is_removed="on"), movie, editor)
    movie.refresh_from_db()
    assert movie.version == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no-picture"),
        (b"<svg/>", "drawing"),
        (make_picture_file(100, 100), "too-small"),
        (make_picture_file(500, 750)[:1500], "damaged"),
    ],
)
def test_a_bad_file_is_told_at_its_field(movie: Movie, content: bytes, code: str) -> None:
    form = filled(movie, content)
    assert not form.is_valid()
    assert [error.code for error in form.errors.as_data()["file"]] == [code]


@pytest.mark.parametrize("value", ["-0.1", "1.1", "nan", "left"])
def test_a_point_outside_is_refused(movie: Movie, value: str) -> None:
    assert "focal_x" in filled(movie, focal_x=value).errors


def test_a_new_movie_has_a_form_too() -> None:
    form = ArtworkForm(kind=Artwork.Kind.BACKDROP)
    html = render_to_string("catalog/artwork/_editor.html", {"form": form})
    assert 'name="backdrop-file"' in html
    assert "1280 × 720" in html
    assert "is-social" in html
    assert "Remove this picture" not in html


def test_the_desk_shows_the_whole_picture_and_its_crops(movie: Movie) -> None:
    artwork = make_artwork(movie)
    html = render_to_string("catalog/artwork/_editor.html", {"form": ArtworkForm(kind=KIND, movie=movie)})
    assert html.count(f"/art/movies/{movie.pk}/{artwork.edition}/whole.jpg") == 2
    assert html.count('type="range"') == 2
    for name in ("file", "focal_x", "focal_y", "is_removed"):
        assert f'<label for="id_poster-{name}">' in html
    assert "Much of this picture is cut off" not in html


def test_the_desk_tells_if_the_shape_fits_badly(movie: Movie) -> None:
    make_artwork(movie, width_px=2000)
    html = render_to_string("catalog/artwork/_editor.html", {"form": ArtworkForm(kind=KIND, movie=movie)})
    assert "Much of this picture is cut off" in html


def test_what_an_editor_is_told_is_shown_as_text(movie: Movie) -> None:
    form = filled(movie, b"<svg/>")
    html = render_to_string("catalog/artwork/_editor.html", {"form": form})
    assert 'role="alert">SVG drawings are not taken.' in html


def test_its_script_is_a_module() -> None:
    assert 'type="module"' in str(ArtworkForm(kind=KIND).media)
