"""nginx that asks the origin about each token, held against the same nginx giving the same files to anybody.

    .venv/bin/python -m benchmarks.media_delivery.nginx_mode

Both are servers of one nginx process, with the configuration of the deployment; they take turns, and the best round of
each counts, so that a slow moment of the machine is not one's alone. Exits with 1 when a bar is missed.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import django

from benchmarks.media_delivery.fetching import Fetched, fetch_all
from benchmarks.results import Row, print_rows

# What comes from the tests asks for settings and models.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from tests.deploy.edge import find_nginx, free_port, prepare_config, running_nginx  # noqa: E402 - with the apps
from tests.streaming.delivery.modes import REVOKED_MOVIE, running_origin  # noqa: E402
from tests.streaming.origin.media import PACKAGE, make_token, write_package  # noqa: E402

SEGMENT_BYTES = 1_000_000
SEGMENTS, VIEWERS = 32, 16
ROUNDS, ROUND_S = 5, 4.0
SHARE_BAR = 0.9
# One below is revoked.
_FIRST_MOVIE = REVOKED_MOVIE + 1
_PLAIN = """
server {{
    listen 127.0.0.1:{port};
    location / {{
        root {media};
    }}
}}
"""


class Addresses(NamedTuple):
    """Of the same segments, one for each viewer: with their tokens, and without any check; and of the origin itself."""

    checked: tuple[str, ...]
    plain: tuple[str, ...]
    origin: tuple[str, ...]


def measure_nginx_mode() -> Iterator[Row]:
    if find_nginx() is None:
        raise SystemExit("nginx is not installed (apt-get install nginx-light)")
    with _serving() as addresses:
        rounds = [[fetch_all(urls, seconds=ROUND_S) for urls in addresses] for _ in range(ROUNDS)]
    checked, plain, origin = zip(*rounds, strict=True)
    best = _best(plain)
    yield from _rows("nginx mode", checked, best, bar=SHARE_BAR)
    yield from _rows("origin mode", origin, best, bar=None)
    yield Row(what="nginx without any check", figure=best, unit="MB/s")


def _rows(what: str, rounds: Sequence[Fetched], of_plain: float, *, bar: float | None) -> Iterator[Row]:
    own = _best(rounds)
    told = f"1 MB segments, {what}, of nginx without a check ({own:.0f} MB/s)"
    yield Row(what=told, figure=100 * own / of_plain, unit="%", bar=None if bar is None else 100 * bar, is_least=True)
    yield Row(what=f"failures, {what}", figure=sum(fetched.failures for fetched in rounds), unit="", bar=0)


def _best(rounds: Sequence[Fetched]) -> float:
    return max(fetched.rate_mb_s for fetched in rounds)


@contextmanager
def _serving() -> Iterator[Addresses]:
    folder = Path(tempfile.mkdtemp(prefix="nova-bench-"))
    media, port = folder / "media", free_port()
    try:
        names = [f"v1080p/{number}.m4s" for number in range(1, SEGMENTS + 1)]
        write_package(media, contents={name: os.urandom(SEGMENT_BYTES) for name in names})
        with running_origin(media) as origin:
            edge = prepare_config(folder / "edge", upstream_port=free_port(), origin_port=origin.port, media=media)
            with (folder / "edge" / "self.conf").open("a") as config:
                config.write(_PLAIN.format(port=port, media=media))
            with running_nginx(folder / "edge" / "http.conf", edge):
                yield _addresses(names[:VIEWERS], edge.url, f"http://127.0.0.1:{port}", origin.url)
    finally:
        shutil.rmtree(folder)


def _addresses(names: Sequence[str], edge: str, plain: str, origin: str) -> Addresses:
    # The origin lets one session have so many answers at once; each viewer has a session.
    below = [f"/m/{make_token(movie_id=number)}/{name}" for number, name in enumerate(names, _FIRST_MOVIE)]
    return Addresses(
        checked=tuple(f"{edge}{path}" for path in below),
        plain=tuple(f"{plain}/packages/{PACKAGE}/{name}" for name in names),
        origin=tuple(f"{origin}{path}" for path in below),
    )


if __name__ == "__main__":
    sys.exit(print_rows(measure_nginx_mode()))
