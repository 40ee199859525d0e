"""The embedded PostgreSQL and Redis, made and started in a folder of their own."""

import os
from pathlib import Path

import psycopg
import pytest
import redis as redis_client
from django.conf import settings

from portal.embedded import owner, postgres, redis
from portal.embedded.failures import CannotStart


def test_the_run_has_a_postgresql_18_of_its_own() -> None:
    with psycopg.connect(settings.NOVA_DATABASE_URL) as connection:
        [version] = connection.execute("SHOW server_version_num").fetchone() or ("",)
        [provider] = connection.execute("SELECT datlocprovider FROM pg_database WHERE datname = 'nova'").fetchone() or (
            "",
        )
    assert version.startswith("18")
    assert provider == "b"


def test_the_run_has_a_redis_of_its_own_that_listens_on_a_socket_only() -> None:
    client = redis_client.Redis.from_url(settings.NOVA_REDIS_URL)
    assert client.config_get("port") == {"port": "0"}
    client.close()


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out() -> None:
    with pytest.raises(CannotStart, match=r"cannot be written .*NOVA_DATA_DIR"):
        postgres.prepare(Path("/proc/nova"))
    with pytest.raises(CannotStart, match=r"cannot be written .*NOVA_DATA_DIR"):
        redis.prepare(Path("/proc/nova"))


def test_a_cluster_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(CannotStart, match="was made by PostgreSQL 16; Nova brings 18"):
        postgres.prepare(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_only_the_right_to_pass_is_added_for_the_other_user(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    someone = owner.Owner(name="nobody", uid=65534, gid=65534)
    assert private in owner.open_path_for(someone, private / "data")
    assert private.stat().st_mode & 0o777 == 0o701
    assert private not in owner.open_path_for(someone, private / "data")
