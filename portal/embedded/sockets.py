"""Where the embedded services listen: Unix sockets below the data folder."""

import hashlib
import tempfile
from pathlib import Path

# sun_path holds 108 bytes with its final NUL on Linux and 104 on macOS; PostgreSQL's file name is the longest of ours.
_LONGEST_SOCKET_PATH = 103
_LONGEST_FILE_NAME = ".s.PGSQL.5432"


def socket_dir(data_dir: Path) -> Path:
    """Return the folder of the sockets: `run` in the data folder, or a short one where that path is too long."""
    folder = data_dir / "run"
    if len(str(folder / _LONGEST_FILE_NAME).encode()) <= _LONGEST_SOCKET_PATH:
        return folder
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"nova-{digest}"


def postgres_url(data_dir: Path) -> str:
    """Return the DATABASE_URL of the embedded PostgreSQL."""
    return f"postgresql://nova@/nova?host={socket_dir(data_dir)}"


def redis_url(data_dir: Path) -> str:
    """Return the REDIS_URL of the embedded Redis."""
    return f"unix://{socket_dir(data_dir) / 'redis.sock'}"
