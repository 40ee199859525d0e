"""Static files by hashed names, and pages that stand without them."""

import json
import logging
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.files.base import ContentFile
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django import Settings

from portal import static_files
from portal.static_files import PatientCompressedStorage, PatientStorage, StaticFilesMiddleware

KINDS = (PatientStorage, PatientCompressedStorage)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    paths = {"app.css": "app.0123456789ab.css"}
    (tmp_path / "staticfiles.json").write_text(json.dumps({"version": "1.1", "paths": paths, "hash": ""}))
    static_files._tell_missing.cache_clear()
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_a_collected_file_goes_by_its_hashed_name(folder: Path, kind: type[ManifestStaticFilesStorage]) -> None:
    assert kind(location=folder).url("app.css") == "/static/app.0123456789ab.css"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_was_not_collected_keeps_its_plain_name(
    folder: Path, kind: type[ManifestStaticFilesStorage]
) -> None:
    assert kind(location=folder).url("icons.svg") == "/static/icons.svg"


def test_without_any_manifest_every_name_is_plain(tmp_path: Path) -> None:
    assert PatientStorage(location=tmp_path).url("app.css") == "/static/app.css"


def test_the_log_names_a_missing_file_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    storage = PatientStorage(location=folder)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            storage.url("fonts/film.woff2")
        storage.url("app.css")
    told = [record.getMessage() for record in caplog.records if "static.not_collected" in record.getMessage()]
    assert len(told) == 1
    assert "fonts/film.woff2" in told[0]


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_looking_for_files_that_never_change_tells_of_no_missing_ones(
    settings: Settings, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("app.css", "app.0123456789ab.css", "swagger.css.map"):
        (folder / name).write_text("")
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "portal.static_files.PatientStorage"}}
    settings.STATIC_ROOT = folder
    with caplog.at_level(logging.WARNING):
        middleware = StaticFilesMiddleware(answer)
    assert "static.not_collected" not in caplog.text
    assert middleware.files.immutable_file_test("", "/static/app.0123456789ab.css")
    assert not middleware.files.immutable_file_test("", "/static/app.css")
    # The bundler's own hash.
    assert middleware.files.immutable_file_test("", "/static/js/chunks/dash.all.min-4O2TBOO4.js")
    assert not middleware.files.immutable_file_test("", "/static/js/player-4O2TBOO4.js")


@pytest.mark.parametrize("kind", KINDS)
def test_collecting_still_refuses_a_style_that_names_a_missing_picture(
    tmp_path: Path, kind: type[ManifestStaticFilesStorage]
) -> None:
    """What is patient with visitors is strict with those who build."""
    storage = kind(location=tmp_path)
    storage.save("app.css", ContentFile(b"body { background: url(nowhere.png) }"))
    outcomes = [outcome for _, _, outcome in storage.post_process({"app.css": (storage, "app.css")})]
    assert any(isinstance(outcome, ValueError) and "nowhere.png" in str(outcome) for outcome in outcomes)


@pytest.mark.parametrize("has_brotli", [False, True])
def test_what_is_collected_gets_compressed_copies(tmp_path: Path, settings: Settings, has_brotli: bool) -> None:
    settings.SERVESTATIC_USE_BROTLI = has_brotli
    storage = PatientCompressedStorage(location=tmp_path)
    storage.save("app.css", ContentFile(b"body { margin: 0 }\n" * 500))
    list(storage.post_process({"app.css": (storage, "app.css")}))
    hashed = storage.stored_name("app.css")
    assert (tmp_path / f"{hashed}.gz").stat().st_size < 500
    assert (tmp_path / f"{hashed}.br").exists() is has_brotli


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/nowhere/", 404), ("/api/v1/docs/", 200)])
def test_a_page_stands_before_the_front_end_is_built(
    client: Client, settings: Settings, tmp_path: Path, path: str, status: int
) -> None:
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "portal.static_files.PatientStorage"}}
    settings.STATIC_ROOT = tmp_path
    assert isinstance(staticfiles_storage, PatientStorage)
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["X-Request-ID"]
