"""A Redis of a test's own."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.embedded import redis
from portal.embedded.redis import RedisService


class OwnRedis:
    """A Redis that can be killed without anybody else noticing."""

    def __init__(self, service: RedisService) -> None:
        self.url = service.url
        self._service = service
        self._process = self._start()

    def restart(self, *, away_s: float) -> None:
        self.kill()
        time.sleep(away_s)
        self._process = self._start()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self._service.argv, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not self._service.answers():
            assert time.monotonic() < deadline, "Redis does not answer"
            time.sleep(0.05)
        return process


@contextmanager
def running_redis() -> Iterator[OwnRedis]:
    folder = Path(tempfile.mkdtemp(prefix="nova-redis-"))  # a socket's path must be short
    server = OwnRedis(redis.prepare(folder))
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)
