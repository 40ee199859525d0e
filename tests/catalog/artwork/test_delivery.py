"""The addresses of pictures."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

EDITION = "0123456789abcdef"
ADDRESS = f"/art/movies/7/{EDITION}/360.webp"


@pytest.fixture(autouse=True)
def _stored(media: Path) -> None:
    for name in ("360.webp", "360.avif", "360.jpg", "social.jpg", "original.jpg"):
        default_storage.save(f"artwork/7/{EDITION}/{name}", ContentFile(name.encode()))
    default_storage.save("artwork-originals/7/secret.jpg", ContentFile(b"secret"))


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("360.webp", "image/webp"),
        ("360.avif", "image/avif"),
        ("360.jpg", "image/jpeg"),
        ("social.jpg", "image/jpeg"),
    ],
)
def test_a_picture_is_kept_for_ever_and_does_nothing_else(client: Client, name: str, media_type: str) -> None:
    answer = client.get(f"/art/movies/7/{EDITION}/{name}")

    assert (answer.status_code, answer.content) == (200, name.encode())
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert not answer.cookies


def test_who_has_it_is_not_sent_it_again(client: Client) -> None:
    etag = client.get(ADDRESS).headers["ETag"]
    again = client.get(ADDRESS, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_its_head_can_be_asked_for(client: Client) -> None:
    answer = client.head(ADDRESS)
    assert (answer.status_code, answer.content) == (200, b"")
    assert client.post(ADDRESS).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        f"/art/movies/7/{EDITION}/540.webp",
        f"/art/movies/8/{EDITION}/360.webp",
        f"/art/movies/7/{EDITION}/original.jpg",
        f"/art/movies/7/{EDITION}/360.png",
        f"/art/movies/7/{EDITION}/../../../artwork-originals/7/secret.jpg",
        f"/art/movies/7/{EDITION}/..%2f..%2fsecret.jpg",
        "/art/movies/7/ffffffffffffffff/360.webp",
        "/art/movies/99999999999999999999/0123456789abcdef/360.webp",
        "/art/movies/07/0123456789abcdef/360.webp",
    ],
)
def test_nothing_else_of_the_storage_can_be_read(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
