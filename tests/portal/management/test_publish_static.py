"""`manage.py publish_static` on static files of its own."""

import json
import os
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings


class StaticFiles:
    """Sources and where they are published."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.sources, self.published = folder / "sources", folder / "published"
        self.sources.mkdir()
        settings.STATICFILES_DIRS = [self.sources]
        settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
        settings.STATIC_ROOT = self.published
        storage = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
        settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}
        self.write("app.css", "body {}")

    def write(self, name: str, text: str) -> None:
        (self.sources / name).write_text(text)

    def publish(self) -> dict[str, int]:
        """Publish; return when each published file was written."""
        call_command("publish_static", verbosity=0)
        return {path.name: path.stat().st_mtime_ns for path in self.published.iterdir()}

    def text_of(self, name: str) -> str:
        return (self.published / name).read_text()


@pytest.fixture
def static(tmp_path: Path, settings: Settings) -> StaticFiles:
    return StaticFiles(tmp_path, settings)


def test_files_are_published_under_the_hash_of_their_content(static: StaticFiles) -> None:
    names = static.publish()
    hashed = json.loads(static.text_of("staticfiles.json"))["paths"]["app.css"]
    assert hashed != "app.css"
    assert {hashed, "staticfiles.json", ".published"} <= names.keys()
    assert static.text_of(hashed) == "body {}"


def test_a_second_time_touches_nothing(static: StaticFiles) -> None:
    assert static.publish() == static.publish()


def test_a_changed_file_is_published_and_its_old_version_goes(static: StaticFiles) -> None:
    first = static.publish()
    static.write("app.css", "body { color: red }")
    second = static.publish()
    assert first.keys() & second.keys() == {"app.css", "staticfiles.json", ".published"}
    assert static.text_of("app.css") == "body { color: red }"


def test_a_change_of_the_same_length_is_seen(static: StaticFiles) -> None:
    static.publish()
    source = static.sources / "app.css"
    moment = source.stat().st_mtime_ns
    static.write("app.css", "html {}")
    os.utime(source, ns=(moment + 1000, moment + 1000))
    static.publish()
    assert static.text_of("app.css") == "html {}"


def test_a_file_that_went_away_is_published_no_more(static: StaticFiles) -> None:
    static.write("old.css", "a {}")
    assert "old.css" in static.publish()
    (static.sources / "old.css").unlink()
    assert "old.css" not in static.publish()


def test_what_somebody_put_among_the_published_goes_with_the_next_change(static: StaticFiles) -> None:
    static.publish()
    (static.published / "stray.txt").write_text("?")
    assert "stray.txt" in static.publish()
    static.write("app.css", "b {}")
    assert "stray.txt" not in static.publish()


def test_publishing_that_failed_is_tried_again(static: StaticFiles) -> None:
    static.publish()
    static.write("app.css", "body { background: url(missing.png) }")
    with pytest.raises(Exception, match=r"missing\.png"):
        static.publish()
    assert not (static.published / ".published").exists()
    static.write("missing.png", "png")
    assert ".published" in static.publish()
