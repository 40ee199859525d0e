"""deploy/make-secrets makes what is missing and keeps what is there."""

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from streaming.hooks.servers import read_servers
from tests.deploy.files import COMPOSE, ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "deploy" / "make-secrets", tmp_path)
    return tmp_path


def _run(folder: Path) -> str:
    return subprocess.run([folder / "make-secrets"], capture_output=True, text=True, check=True, cwd="/").stdout


def _read(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "secrets").iterdir()}


def test_every_secret_that_compose_mounts_is_made(folder: Path) -> None:
    _run(folder)
    assert set(_read(folder)) == set(COMPOSE["secrets"])


def test_the_folder_is_private_and_its_files_can_be_read_in_a_container(folder: Path) -> None:
    _run(folder)
    assert os.stat(folder / "secrets").st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (folder / "secrets").iterdir()} == {0o444}


def test_addresses_hold_the_passwords_of_the_services(folder: Path) -> None:
    _run(folder)
    made = _read(folder)
    database, redis = urlsplit(made["database_url"]), urlsplit(made["redis_url"])
    assert (database.hostname, database.password) == ("postgres", made["database_password"])
    assert (redis.hostname, f"requirepass {redis.password}\n") == ("redis", made["redis_auth"])
    assert len(made["secret_key"]) >= 50
    assert len(made["database_password"]) >= 32


def test_a_second_run_changes_nothing(folder: Path) -> None:
    _run(folder)
    before = _read(folder)
    assert _run(folder) == ""
    assert _read(folder) == before


def test_a_removed_password_is_made_anew_together_with_its_address(folder: Path) -> None:
    _run(folder)
    before = _read(folder)
    (folder / "secrets" / "database_password").unlink()
    _run(folder)
    after = _read(folder)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"database_password", "database_url"}
    assert after["database_password"] in after["database_url"]


def test_two_deployments_share_no_secret(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    shutil.copy(ROOT / "deploy" / "make-secrets", other)
    _run(folder)
    _run(other)
    assert not set(_read(folder).values()) & set(_read(other).values())


def test_the_ingest_server_shows_the_secret_that_the_origin_knows(folder: Path) -> None:
    _run(folder)
    made = _read(folder)
    (server,) = read_servers(made["ingest_servers"]).values()
    assert server.address_of("live/a") == "rtmp://ingest:1935/live/a"
    hook = f"http://origin:8001/ingest/{server.name}?secret={server.secret};"
    assert made["ingest_hooks"].splitlines() == [f"on_publish {hook}", f"on_publish_done {hook}", f"on_update {hook}"]


def test_a_new_secret_of_the_ingest_server_reaches_both_sides(folder: Path) -> None:
    _run(folder)
    before = _read(folder)
    (folder / "secrets" / "ingest_servers").unlink()
    _run(folder)
    after = _read(folder)
    assert {name for name in after if after[name] != before[name]} == {"ingest_servers", "ingest_hooks"}
