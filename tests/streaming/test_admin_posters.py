"""An editor makes a frame of the film the picture of its movie."""

from uuid import uuid4

import pytest
from django.test import Client

from catalog.models import Artwork, Movie
from portal.accounts.roles import Role
from portal.models import AuditEntry, User
from streaming.models import Package
from streaming.poster_choice import PosterChoice, tell_posters
from streaming.runtime.segment_store import default_store
from tests.factories import make_movie, make_package, make_picture_file, make_source, make_user

pytestmark = pytest.mark.django_db

FRAMES = ("posters/1.jpg", "posters/2.jpg")


@pytest.fixture
def package() -> Package:
    """A package of a film in the shape of the cinema, small, with two frames to choose from."""
    made = make_package(make_source(movie=make_movie(title="Night ferry")), index={"posters": list(FRAMES)})
    for number, name in enumerate(FRAMES):
        default_store().write(f"{made.path}/{name}", make_picture_file(640 + number, 268))
    return made


@pytest.fixture
def movie(package: Package) -> Movie:
    assert package.movie is not None
    return package.movie


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def page_of(package: Package) -> str:
    return f"/admin/streaming/package/{package.pk}/posters/"


def test_the_frames_are_shown_and_can_be_seen(desk: Client, package: Package) -> None:
    page = desk.get(page_of(package)).content.decode()
    assert "Choose a picture of “Night ferry” from the film" in page
    assert [f'src="{page_of(package)}{number}.jpg"' in page for number in (1, 2, 3)] == [True, True, False]
    answer = desk.get(f"{page_of(package)}2.jpg")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.content == default_store().read(f"{package.path}/posters/2.jpg")


@pytest.mark.parametrize(("kind", "size"), [("POSTER", (1794, 750)), ("BACKDROP", (1723, 720))])
def test_a_frame_becomes_a_picture_of_the_movie_however_small_the_film_is(
    desk: Client, editor: User, package: Package, movie: Movie, kind: str, size: tuple[int, int]
) -> None:
    answer = desk.post(page_of(package), {"number": "2", "kind": kind})
    assert answer.headers["Location"] == f"/admin/catalog/movie/{movie.pk}/change/#tab-media"
    picture = Artwork.objects.get(movie=movie)
    assert (picture.kind, (picture.width_px, picture.height_px)) == (kind, size)
    assert AuditEntry.objects.get(action="movie.pictured").actor == editor


def test_the_picture_that_was_there_is_replaced(desk: Client, package: Package, movie: Movie) -> None:
    for number in ("1", "2"):
        desk.post(page_of(package), {"number": number, "kind": "POSTER"})
    assert Artwork.objects.filter(movie=movie).count() == 1


@pytest.mark.parametrize(
    "sent", [{}, {"number": "1"}, {"number": "7", "kind": "POSTER"}, {"number": "1", "kind": "MAP"}, {"kind": "POSTER"}]
)
def test_what_is_no_choice_changes_nothing_and_says_so(desk: Client, package: Package, sent: dict[str, str]) -> None:
    page = desk.post(page_of(package), sent, follow=True).content.decode()
    assert "Choose one of the pictures." in page
    assert not Artwork.objects.exists()


def test_a_frame_that_is_gone_is_told_and_changes_nothing(desk: Client, package: Package) -> None:
    default_store().remove(f"{package.path}/posters/1.jpg")
    assert desk.get(f"{page_of(package)}1.jpg").status_code == 404
    page = desk.post(page_of(package), {"number": "1", "kind": "POSTER"}, follow=True).content.decode()
    assert "Not found" in page
    assert not Artwork.objects.exists()


def test_only_frames_that_the_package_names_are_read(desk: Client, package: Package) -> None:
    default_store().write(f"{package.path}/posters/3.jpg", make_picture_file())
    assert desk.get(f"{page_of(package)}3.jpg").status_code == 404
    assert desk.get(f"/admin/streaming/package/{uuid4()}/posters/").status_code == 404


def test_a_package_without_a_movie_has_no_picture_to_give(desk: Client, package: Package) -> None:
    Package.objects.update(movie=None)
    assert desk.get(page_of(package)).status_code == 404


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.BROADCASTER, Role.VIEWER])
def test_whoever_may_not_change_the_movie_chooses_no_picture(client: Client, package: Package, role: Role) -> None:
    client.force_login(make_user(role))
    status = 403 if role is Role.OPERATOR else 302
    assert client.get(page_of(package)).status_code == status
    assert client.get(f"{page_of(package)}1.jpg").status_code == status
    assert client.post(page_of(package), {"number": "1", "kind": "POSTER"}).status_code == status
    assert not Artwork.objects.exists()


def test_the_movie_leads_to_the_frames_of_the_film_that_serves(desk: Client, package: Package, movie: Movie) -> None:
    page = desk.get(f"/admin/catalog/movie/{movie.pk}/change/").content.decode()
    assert page_of(package) in page


def test_a_movie_without_frames_offers_none_and_only_editors_are_told(editor: User, package: Package) -> None:
    assert package.movie_id is not None
    Package.objects.update(index={})
    told = tell_posters(editor, package.movie_id)
    assert told is not None
    assert told.page == PosterChoice(url="")
    assert tell_posters(make_user(Role.OPERATOR), package.movie_id) is None
