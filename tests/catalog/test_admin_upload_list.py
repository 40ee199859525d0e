"""The desk's lists of what comes in: every upload and every source, its state in words, and what can be removed."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from catalog.models import Upload
from portal.admin.trailed import TrailedAdmin
from portal.models import AuditEntry, User
from streaming.models import Source
from tests.catalog.services.test_uploads import FILM, HALF, begin, send
from tests.factories import AT, make_movie, make_upload, make_user, receive_source

pytestmark = pytest.mark.django_db

UPLOADS, SOURCES = "/admin/catalog/upload/", "/admin/streaming/source/"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def page_of(desk: Client, url: str) -> str:
    answer = desk.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def remove(desk: Client, *keys: object, **more: str) -> Any:
    sent = {"action": "remove_selected", "_selected_action": list(map(str, keys)), **more}
    return desk.post(UPLOADS, sent, follow=True)


def test_uploads_are_listed_with_all_that_one_asks(desk: Client) -> None:
    movie = make_movie(title="Night <train>")
    make_upload(movie=movie, owner=make_user(username="ada"), file_name="train.mkv")

    page = page_of(desk, UPLOADS)

    assert f'href="/admin/catalog/movie/{movie.pk}/change/">Night &lt;train&gt;</a>' in page
    for words in ("train.mkv", "ada", "50 %", "40.1\xa0MB", "Uploading", "What do the states mean?"):
        assert words in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("FINISHED", "Uploaded, no movie has it yet"),
        ("CORRUPT", "Damaged on the way"),
        ("EXPIRED", "Expired"),
        ("REMOVED", "Removed"),
    ],
)
def test_the_page_of_an_upload_says_its_state_in_words(desk: Client, state: str, words: str) -> None:
    upload = make_upload(state=state, owner=None)
    assert words in page_of(desk, f"{UPLOADS}{upload.pk}/change/")


def test_uploads_are_found_by_state_and_by_words(desk: Client) -> None:
    make_upload(file_name="one.mkv")
    make_upload(file_name="two.mkv", state="EXPIRED", movie=make_movie(title="Night train"))

    assert "one.mkv" not in page_of(desk, f"{UPLOADS}?state__exact=EXPIRED")
    assert "one.mkv" not in page_of(desk, f"{UPLOADS}?q=night")
    assert "two.mkv" in page_of(desk, f"{UPLOADS}?q=night")


def test_removing_is_asked_back_and_then_done_with_the_bytes(desk: Client, editor: User, media: Path) -> None:
    upload, other = send(begin(editor), 0, FILM[:HALF]), begin(editor)

    asked = remove(desk, upload.pk)
    assert "Remove these uploads?" in asked.content.decode()
    assert Upload.objects.filter(state="ACTIVE").count() == 2

    done = remove(desk, upload.pk, confirmed="1")
    assert "1 upload was removed." in done.content.decode()
    assert Upload.objects.get(pk=upload.pk).state == "REMOVED"
    assert Upload.objects.get(pk=other.pk).state == "ACTIVE"
    assert not (media / upload.storage_key).exists()
    assert AuditEntry.objects.get(action="upload.removed").actor == editor


def test_what_a_movie_has_is_not_removed(desk: Client, editor: User, media: Path) -> None:
    upload = send(begin(editor, movie_id=make_movie().pk), 0, FILM)
    done = remove(desk, upload.pk, confirmed="1")
    assert "film.mp4: A movie has it." in done.content.decode()
    assert (media / upload.storage_key).read_bytes() == FILM


@pytest.mark.parametrize("key", ["x", "", "1", "2fdfc3ad-f6ff-4fa9-9079-31fe9a7288bdx"])
def test_a_selection_that_no_list_sends_is_refused(desk: Client, key: str) -> None:
    upload = make_upload()
    assert remove(desk, upload.pk, key, confirmed="1").status_code == 400
    assert Upload.objects.get().state == "ACTIVE"


def test_who_only_looks_removes_nothing(client: Client, operator: User) -> None:
    client.force_login(operator)
    upload = make_upload()
    assert "remove_selected" not in page_of(client, UPLOADS)
    remove(client, upload.pk, confirmed="1")
    assert Upload.objects.get().state == "ACTIVE"


def test_sources_are_listed_with_who_uploaded_them(desk: Client) -> None:
    movie = make_movie(title="Night train")
    uploaded = make_upload(state="FINISHED", movie=movie, owner=make_user(username="ada"), file_name="train.mkv")
    source = receive_source(uploaded)
    receive_source(make_upload(state="FINISHED", owner=None, file_name="lost.mkv"))
    Source.objects.exclude(pk=source.pk).update(state="DISCARDED")

    page = page_of(desk, SOURCES)

    for words in ("train.mkv", "lost.mkv", "ada", "Waiting to be packaged", "Discarded", "What do the states mean?"):
        assert words in page
    assert f'href="/admin/catalog/movie/{movie.pk}/change/">Night train</a>' in page
    assert "train.mkv" not in page_of(desk, f"{SOURCES}?state__exact=DISCARDED")


def test_both_lists_stand_in_the_navigation(desk: Client) -> None:
    page = page_of(desk, "/admin/")
    assert f'href="{UPLOADS}"' in page
    assert f'href="{SOURCES}"' in page


def test_the_history_of_an_upload_is_told_in_words(desk: Client, editor: User, media: Path) -> None:
    upload = send(begin(editor), 0, FILM)
    page = page_of(desk, reverse("admin:catalog_upload_history", args=[upload.pk]))
    assert "Begun" in page
    assert "upload.begun" not in page
    assert AuditEntry.objects.filter(object_id=str(upload.pk), at=AT).exists()


def test_every_recorded_action_has_a_label() -> None:
    labelled = {
        action
        for desk in admin.site._registry.values()
        if isinstance(desk, TrailedAdmin)
        for action in desk.action_labels
    }
    recorded = {action for app in ("catalog", "streaming") for action in _recorded(ROOT / app / "services")}
    assert {"upload.begun", "movie.source_uploaded", "source.received", "movie.credited"} <= recorded
    assert recorded - labelled == set()


def _recorded(folder: Path) -> Iterator[str]:
    """Yield the names that the services of an app write into the trail."""
    for path in folder.glob("*.py"):
        calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        for call in calls:
            named = call.args and isinstance(call.args[0], ast.Constant)
            if named and ast.unparse(call.func) in ("audit.record", "record_revision"):
                yield ast.literal_eval(call.args[0])
