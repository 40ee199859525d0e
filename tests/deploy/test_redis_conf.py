"""A real Redis takes deploy/redis.conf, and lets in only who knows the password that deploy/make-secrets made."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from portal.embedded.redis import prepare
from tests.deploy.edge import free_port
from tests.deploy.files import ROOT


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Start Redis as the container does; only the folders and the port are other ones."""
    shutil.copy(ROOT / "deploy" / "make-secrets", tmp_path)
    subprocess.run([tmp_path / "make-secrets"], check=True, capture_output=True)
    text = (ROOT / "deploy" / "redis.conf").read_text()
    config = tmp_path / "redis.conf"
    config.write_text(text.replace("/run/secrets", str(tmp_path / "secrets")).replace("dir /data", f"dir {tmp_path}"))
    port = free_port()
    server = prepare(tmp_path / "unused").argv[0]
    process = subprocess.Popen([server, config, "--port", str(port)], stdout=subprocess.DEVNULL)
    given = (tmp_path / "secrets" / "redis_url").read_text()
    yield given.replace("@redis:6379", f"@127.0.0.1:{port}")
    process.terminate()
    process.wait(10)


def test_redis_starts_with_the_configuration_and_its_password(address: str) -> None:
    with redis.Redis.from_url(address) as client:
        _wait_for(client)
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
    without = f"redis://{address.partition('@')[2]}"
    with redis.Redis.from_url(without) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def _wait_for(client: redis.Redis) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            client.ping()
            return
        except redis.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
