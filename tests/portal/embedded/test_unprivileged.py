"""The embedded services prepared by somebody who is not root: in a process that has given its rights up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.embedded import owner, postgres, redis

ROOT = Path(__file__).parents[3]
NOBODY = 65534
PRELUDE = """
import os, sys
from pathlib import Path
from portal.embedded import owner, postgres, redis
from portal.embedded.failures import CannotStart
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
folder = Path(sys.argv[1])
"""


@pytest.fixture
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that belongs to the one without rights."""
    folder = tmp_path_factory.mktemp("data")
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        for parent in folder.parents:
            if parent == Path("/tmp"):
                break
            parent.chmod(parent.stat().st_mode | 0o011)
    return folder


def unprivileged(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + code, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_ordinary_user_runs_postgresql_as_oneself(mine: Path) -> None:
    assert unprivileged("print(owner.postgres_owner())", mine) == "None"


def test_redis_is_prepared_in_folders_of_ones_own(mine: Path) -> None:
    assert unprivileged("print(redis.prepare(folder).argv[0])", mine) == redis.prepare(mine).argv[0]
    if os.geteuid() == 0:
        assert {path.stat().st_uid for path in mine.iterdir()} == {NOBODY}


def test_the_folders_of_an_ordinary_user_are_closed_to_everybody_else(mine: Path) -> None:
    code = "postgres._make_folders(folder / 'postgres', folder / 'run', Path('/bin'), None)"
    unprivileged(code, mine)
    assert {name: (mine / name).stat().st_mode & 0o777 for name in ("postgres", "run")} == {
        "postgres": 0o700,
        "run": 0o700,
    }


def test_a_folder_of_somebody_else_is_refused_with_the_way_out(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes a folder for somebody else")
    tmp_path.chmod(0o755)
    code = """
for prepare in (postgres.prepare, redis.prepare):
    try:
        prepare(folder / "closed")
    except CannotStart as refused:
        print(refused)
"""
    sentences = unprivileged(code, tmp_path).splitlines()
    assert len(sentences) == 2
    assert all("cannot be written" in text and text.endswith("NOVA_DATA_DIR.") for text in sentences)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user run PostgreSQL")
def test_root_gives_the_cluster_away_and_leaves_the_sockets_passable(tmp_path: Path) -> None:
    someone = owner.Owner(name="nobody", uid=NOBODY, gid=NOBODY)
    cluster, sockets = tmp_path / "postgres", tmp_path / "run"
    postgres._make_folders(cluster, sockets, Path("/bin"), someone)
    assert [path.stat().st_uid for path in (cluster, sockets)] == [NOBODY] * 2
    assert [path.stat().st_mode & 0o777 for path in (cluster, sockets)] == [0o700, 0o711]
    assert postgres._make_folders(cluster, sockets, Path("/bin"), someone) == []
