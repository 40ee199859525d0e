"""Where uploaded files live: what the setting takes."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.utils.module_loading import import_string

from portal.env import BadSetting
from portal.media_storage import media_storage


def test_without_an_address_it_is_a_folder(tmp_path: Path) -> None:
    entry = media_storage("", folder=tmp_path / "media")
    storage = import_string(entry["BACKEND"])(**entry["OPTIONS"])

    storage.save("posters/a.txt", ContentFile(b"a"))

    assert (tmp_path / "media" / "posters" / "a.txt").read_bytes() == b"a"


def test_a_bucket_of_amazons_needs_no_endpoint() -> None:
    entry = media_storage("s3://films?region=eu-central-1", folder=Path("unused"))

    assert entry["BACKEND"] == "storages.backends.s3.S3Storage"
    options = entry["OPTIONS"]
    assert (options["bucket_name"], options["location"], options["region_name"]) == ("films", "", "eu-central-1")
    assert (options["endpoint_url"], options["client_config"].s3) == (None, {"addressing_style": "auto"})
    # The machine's own role signs where there is no key.
    assert (options["access_key"], options["secret_key"]) == (None, None)


def test_a_bucket_of_another_store_is_named_in_the_path() -> None:
    entry = media_storage(
        "s3://films/nova/media/?endpoint=https://store.example:9000", folder=Path("unused"), key_id="id", secret="word"
    )

    options = entry["OPTIONS"]
    assert (options["location"], options["endpoint_url"]) == ("nova/media", "https://store.example:9000")
    client = options["client_config"]
    assert (client.s3, client.signature_version) == ({"addressing_style": "path"}, "s3v4")
    assert (options["access_key"], options["secret_key"]) == ("id", "word")


def test_what_is_stored_is_never_public_by_itself() -> None:
    assert media_storage("s3://films", folder=Path("unused"))["OPTIONS"]["default_acl"] is None


@pytest.mark.parametrize(
    "address",
    ["films", "/srv/films", "https://films.example/", "s3://", "s3:///films", "s3://films?color=blue", "gs://films"],
)
def test_what_names_no_storage_is_refused_by_the_name_of_the_setting(address: str) -> None:
    with pytest.raises(BadSetting, match="NOVA_MEDIA_STORAGE"):
        media_storage(address, folder=Path("unused"))
