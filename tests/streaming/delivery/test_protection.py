"""Every shape of protected address, in every mode: nobody gets in without the right of this very film.

One table. A CDN learns of no revocation; there, what is tried is what was signed for the revoked viewer, once its time
is over. That this time is short, and that nothing new is signed, others test.
"""

import gzip
import os
from collections.abc import Iterator

import httpx
import pytest

from tests.deploy.edge import find_nginx
from tests.streaming.delivery.edges import cdn_conf
from tests.streaming.delivery.modes import FAULTS, ByCdn, ByToken, Mode, running_nginx_mode, running_origin
from tests.streaming.origin.media import CONTENTS, OTHER_PACKAGE, write_package

pytestmark = pytest.mark.skipif(
    find_nginx() is None and os.environ.get("CI") != "true",
    reason="nginx is not installed (apt-get install nginx-light)",
)
SHAPES = [name for name in CONTENTS if name != "index.json"]
MODES = ("origin", "nginx", "cloudfront", "hmac")


@pytest.fixture(scope="module")
def modes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Mode]]:
    folder = tmp_path_factory.mktemp("delivery")
    media = folder / "media"
    write_package(media)
    # The other film has but one file, so that whatever it opens here is seen.
    write_package(media, OTHER_PACKAGE, {"other.m4s": b"another film"})
    with (
        # Nothing is encrypted here, and lists of authorities take their time.
        httpx.Client(verify=False) as client,
        running_origin(media) as origin,
        running_nginx_mode(folder / "edge", media, origin_port=origin.port) as edge,
    ):
        yield {
            "origin": ByToken(client, origin.url),
            "nginx": ByToken(client, edge.url),
            "cloudfront": ByCdn(client, cdn_conf("cloudfront"), origin.url),
            "hmac": ByCdn(client, cdn_conf("hmac"), origin.url),
        }


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mode", MODES)
def test_with_the_right_of_this_film_the_same_bytes_come(modes: dict[str, Mode], mode: str, shape: str) -> None:
    answer = modes[mode].get(shape)
    assert (answer.status_code, answer.content) == (200, CONTENTS[shape])


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mode", MODES)
def test_without_it_nothing_comes(modes: dict[str, Mode], mode: str, shape: str, fault: str) -> None:
    answer = modes[mode].get(shape, fault)
    # Another film's token is good for its own film, which has no such file.
    expected = 404 if fault == "another movie's" and mode in ("origin", "nginx") else 403
    if (mode, fault) == ("nginx", "none"):
        # Nor does a CDN fetch anything here.
        expected = 404
    assert answer.status_code == expected
    assert CONTENTS[shape] not in answer.content
    assert gzip.compress(CONTENTS[shape], mtime=0) not in answer.content
