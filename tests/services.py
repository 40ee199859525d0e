"""A pytest plugin that gives the whole run its own PostgreSQL and Redis, before Django reads its settings.

They live in a throw-away folder, never in `.local/`. With pytest-xdist the controller starts them once, and the
workers inherit their addresses. DATABASE_URL and REDIS_URL of the caller are used instead where
NOVA_TEST_EXTERNAL=1 says that they may be.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from portal.embedded import postgres, redis
from portal.embedded.leash import leashed
from portal.embedded.postgres import PostgresService
from portal.embedded.redis import RedisService


def _start() -> None:
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # Each process empties its Redis before each test: it gets a database of its own.
        os.environ["REDIS_URL"] += f"?db={int(worker.removeprefix('gw')) + 1}"
        return
    if os.environ.get("NOVA_TEST_EXTERNAL") == "1":
        return
    # Short, and passable for PostgreSQL's user: not below pytest's private folders.
    data_dir = Path(tempfile.mkdtemp(prefix="nova-test-"))
    data_dir.chmod(0o711)
    atexit.register(shutil.rmtree, data_dir, ignore_errors=True)
    database = postgres.prepare(data_dir, extra_settings=postgres.FORGETFUL)
    store = redis.prepare(data_dir, keep=False)
    _run(database)
    _run(store)
    postgres.ensure_database(database.url)
    os.environ |= {
        "DATABASE_URL": database.url,
        "REDIS_URL": store.url,
        "NOVA_DATA_DIR": str(data_dir),
        "NOVA_SECRET_KEY": "only-for-tests-" + "0123456789" * 5,
        "NOVA_DEBUG": "0",
        "NOVA_LOG_LEVEL": "WARNING",
        # By itself it would depend on how busy this machine is.
        "NOVA_PACKAGING_PASSES": "one",
    }


def _run(service: PostgresService | RedisService) -> None:
    owner = service.owner if isinstance(service, PostgresService) else None
    identity = f"{owner.uid}:{owner.gid}" if owner else "-"
    process = subprocess.Popen(
        leashed(*service.argv, identity=identity),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    atexit.register(_stop, process)
    deadline = time.monotonic() + 30
    while not service.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{service.argv[0]} did not start")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


_start()
