"""Under which system user PostgreSQL runs: it refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.failures import CannotStart

_USER = "pgserver"
_TRAVERSE = 0o001


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The system user of the embedded PostgreSQL."""

    name: str
    uid: int
    gid: int


def postgres_owner() -> Owner | None:
    """Return the user to run PostgreSQL as, made if it is missing; None to run it as oneself.

    Raises CannotStart where root cannot make one.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(_USER)
    except KeyError:
        entry = _make_user()
    return Owner(name=_USER, uid=entry.pw_uid, gid=entry.pw_gid)


def open_path_for(owner: Owner, path: Path) -> list[Path]:
    """Let `owner` pass through the folders above `path`; return those whose mode had to change.

    Only the right to pass is added, never the right to list or read.
    """
    changed = []
    for folder in path.resolve().parents:
        status = folder.stat()
        if status.st_uid == owner.uid or status.st_mode & _TRAVERSE:
            continue
        try:
            folder.chmod(status.st_mode | _TRAVERSE)
        except OSError as error:
            raise CannotStart(
                f"PostgreSQL runs as user {owner.name} and cannot pass through {folder} ({error.strerror}). "
                "Set NOVA_DATA_DIR to a folder that it can reach, or run Nova as an ordinary user."
            ) from error
        changed.append(folder)
    return changed


def _make_user() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        raise CannotStart("PostgreSQL refuses to run as root. Run Nova as an ordinary user, or set DATABASE_URL.")
    done = subprocess.run(
        [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _USER],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotStart(
            f"PostgreSQL refuses to run as root, and a user for it cannot be made ({done.stderr.strip()}). "
            "Run Nova as an ordinary user, or set DATABASE_URL."
        )
    return pwd.getpwnam(_USER)
