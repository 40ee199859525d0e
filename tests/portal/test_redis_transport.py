"""A real worker whose Redis goes away and comes back."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import redis
from portal.embedded.redis import RedisService
from tests.portal.processes import running_worker
from tests.portal.telemetry.probe_tasks import enqueue_probe_in


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


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    folder = Path(tempfile.mkdtemp(prefix="nova-redis-"))  # a socket's path must be short
    server = OwnRedis(redis.prepare(folder))
    yield server
    server.kill()
    shutil.rmtree(folder)


def test_a_worker_that_is_at_work_when_redis_dies_goes_on_with_what_comes_next(own_redis: OwnRedis) -> None:
    # Two, so that it is both at work and asking for more.
    with running_worker({"REDIS_URL": own_redis.url}, concurrency=2) as worker:
        long = enqueue_probe_in(own_redis.url, lasts_s=3)
        worker.wait_for(lambda: worker.find(event="probe.ran", task_id=long))
        own_redis.restart(away_s=1)
        worker.wait_for(lambda: worker.find(event="task.finished", task_id=long, state="success"))

        following = enqueue_probe_in(own_redis.url)
        worker.wait_for(lambda: worker.find(event="task.finished", task_id=following, state="success"))
