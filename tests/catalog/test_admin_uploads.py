"""Films on the editors' desk: the panel where they come in, and the form of a new movie that takes them along."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from catalog.admin.upload_panel import UploadPanel
from catalog.forms.uploads import MOST_UPLOADS
from catalog.models import Movie, Upload
from catalog.services import uploads
from portal.accounts.roles import Role
from portal.models import AuditEntry, User
from streaming.models import Source
from tests.catalog.desk import MOVIES, filled_in
from tests.catalog.services.test_uploads import FILM, HALF, begin, send
from tests.factories import AT, make_movie, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def add(desk: Client, *upload_ids: object, **overrides: Any) -> Any:
    ids = ",".join(map(str, upload_ids))
    return desk.post(f"{MOVIES}add/", filled_in(title="Night train", year="2020", upload_ids=ids, **overrides))


def panel_on(desk: Client, path: str) -> UploadPanel | None:
    panel: UploadPanel | None = desk.get(f"{MOVIES}{path}").context["upload_panel"]
    return panel


# --- The form ---------------------------------------------------------------------------------------------------------


def test_a_new_movie_takes_along_what_was_uploaded_beside_its_form(desk: Client, editor: User) -> None:
    whole, half = send(begin(editor), 0, FILM), send(begin(editor), 0, FILM[:HALF])

    assert add(desk, whole.pk, half.pk, whole.pk).status_code == 302

    movie = Movie.objects.get()
    assert set(movie.uploads.all()) == {whole, half}
    assert [source.pk for source in movie.sources.all()] == [whole.pk]
    assert AuditEntry.objects.filter(action="movie.source_uploaded", actor=editor).count() == 2
    assert send(half, HALF, FILM[HALF:]).state == "FINISHED"
    assert Source.objects.get(pk=half.pk).movie == movie


def test_a_movie_needs_no_film(desk: Client) -> None:
    assert add(desk).status_code == 302
    assert Movie.objects.get().uploads.count() == 0


def test_a_published_movie_has_its_film_before_viewers_are_told(desk: Client, editor: User) -> None:
    add(desk, send(begin(editor), 0, FILM).pk, visibility="PUBLISHED")
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions.index("movie.source_uploaded") < actions.index("movie.published")


def _expired(owner: User) -> Upload:
    upload = begin(owner)
    uploads.expire_uploads(at=upload.expires_at)
    return upload


def _removed(owner: User) -> Upload:
    upload = begin(owner)
    uploads.remove_upload(upload_id=upload.pk, by=owner, at=AT)
    return upload


def _of_somebody_else(owner: User) -> Upload:
    return begin(make_user(Role.EDITOR))


def _of_another_movie(owner: User) -> Upload:
    return begin(owner, movie_id=make_movie(title="Another").pk)


@pytest.mark.parametrize("make", [_expired, _removed, _of_somebody_else, _of_another_movie])
def test_what_a_new_movie_cannot_have_is_refused_in_words(
    desk: Client, editor: User, make: Callable[[User], Upload]
) -> None:
    good, bad = begin(editor), make(editor)

    answer = add(desk, good.pk, bad.pk)

    assert answer.status_code == 200
    assert "A film is no longer there" in answer.content.decode()
    assert not Movie.objects.filter(title="Night train").exists()
    assert Upload.objects.get(pk=good.pk).movie is None
    assert Upload.objects.get(pk=bad.pk).movie_id == bad.movie_id


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [
        (["<b>"], "This names no upload."),
        (["' OR 1=1"], "This names no upload."),
        ([uuid4()], "A film is no longer there"),
        ([1] * (MOST_UPLOADS + 1), "Add at most 50 films at once."),
        ([uuid4() for _ in range(MOST_UPLOADS + 1)], "at most"),
    ],
)
def test_ids_that_are_none_are_refused_in_words(desk: Client, ids: list[object], sentence: str) -> None:
    answer = add(desk, *ids)
    assert (answer.status_code, Movie.objects.count()) == (200, 0)
    assert sentence in answer.content.decode()
    assert "<b>" not in answer.context["adminform"].form["upload_ids"].as_widget()


def test_another_fault_of_the_form_keeps_the_films_for_the_next_try(desk: Client, editor: User) -> None:
    upload = begin(editor)
    answer = add(desk, upload.pk, slug="No address")
    assert answer.status_code == 200
    assert f'value="{upload.pk}"' in answer.context["adminform"].form["upload_ids"].as_widget()
    assert Upload.objects.get().movie is None


def test_the_form_of_a_movie_that_exists_takes_no_films(desk: Client, editor: User) -> None:
    movie, upload = make_movie(), begin(editor)
    answer = desk.post(f"{MOVIES}{movie.pk}/change/", filled_in(movie, upload_ids=str(upload.pk)))
    assert answer.status_code == 302
    assert Upload.objects.get().movie is None


def test_a_film_that_comes_in_meanwhile_stands_in_nobodys_way(desk: Client, editor: User) -> None:
    movie = make_movie()
    form = filled_in(movie, tagline="New")
    uploads.attach_upload(upload_id=begin(editor).pk, movie_id=movie.pk, by=editor, at=AT)
    assert desk.post(f"{MOVIES}{movie.pk}/change/", form).status_code == 302
    assert Movie.objects.get().tagline == "New"


# --- The panel --------------------------------------------------------------------------------------------------------


def test_the_panel_of_a_new_movie_offers_what_its_editor_has_not_finished(desk: Client, editor: User) -> None:
    upload = send(begin(editor), 0, FILM[:HALF])
    begin(editor, movie_id=make_movie().pk)
    begin(make_user(Role.EDITOR))
    send(begin(editor), 0, FILM)

    panel = panel_on(desk, "add/")

    assert panel is not None
    assert (panel.movie_id, panel.field_name, panel.sources) == (None, "upload_ids", ())
    (line,) = panel.unfinished
    assert (line.id, line.file_name, line.size_bytes, line.offset_bytes, line.percent) == (
        *(upload.pk, "film.mp4", len(FILM), HALF),
        HALF * 100 // len(FILM),
    )
    assert (line.owner_is_me, line.url) == (True, f"/api/v1/uploads/{upload.pk}/")
    assert panel.endpoint == "/api/v1/uploads/"
    assert {".mp4", ".mkv", ".mov"} < set(panel.accepted)
    assert panel.piece_bytes < panel.largest_bytes


def test_the_panel_of_a_movie_shows_its_films_and_whoever_uploads_one(desk: Client, editor: User) -> None:
    movie, colleague = make_movie(), make_user(Role.EDITOR)
    send(begin(editor, movie_id=movie.pk), 0, FILM)
    begin(colleague, movie_id=movie.pk, file_name="theirs.mkv")
    begin(editor)
    discarded = send(begin(editor, movie_id=movie.pk), 0, FILM)
    Source.objects.filter(pk=discarded.pk).update(state="DISCARDED")

    panel = panel_on(desk, f"{movie.pk}/change/")

    assert panel is not None
    assert (panel.movie_id, panel.field_name) == (movie.pk, "")
    assert [(line.file_name, line.owner_is_me) for line in panel.unfinished] == [("theirs.mkv", False)]
    (source,) = panel.sources
    assert (source.file_name, source.size_bytes) == ("film.mp4", len(FILM))
    assert source.state_words == ""  # its job says it
    assert source.uploaded_at == AT


@pytest.mark.parametrize("path", ["add/", "{pk}/change/"])
def test_the_panel_stands_on_the_page(desk: Client, path: str) -> None:
    page = desk.get(MOVIES + path.format(pk=make_movie().pk)).content.decode()
    assert page.count("data-upload-panel") == 1
    assert 'data-endpoint="/api/v1/uploads/"' in page
    assert page.count('name="upload_ids"') == (1 if path == "add/" else 0)


def test_who_only_looks_gets_no_panel(client: Client, operator: User, media: Path) -> None:
    client.force_login(operator)
    movie = make_movie()
    assert panel_on(client, f"{movie.pk}/change/") is None
    assert "data-upload-panel" not in client.get(f"{MOVIES}{movie.pk}/change/").content.decode()
