"""The first start, with films: what `make run` does before a newcomer's eyes."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import Portal, start_portal

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]


@pytest.fixture
def portal() -> Iterator[Portal]:
    data_dir = Path(tempfile.mkdtemp(prefix="nova-films-"))
    data_dir.chmod(0o711)
    portal = start_portal(data_dir, variables={"NOVA_DEMO_FILMS": "1"})
    yield portal
    # A worker in the middle of a film is given its time to end.
    portal.stop(timeout_s=120)
    shutil.rmtree(data_dir, ignore_errors=True)


def test_the_worker_makes_a_film_after_the_welcome_and_packages_it(portal: Portal) -> None:
    portal.wait_for("Nova is running", timeout_s=120)
    assert portal.has_line("Films", "packaging jobs")

    portal.wait_for("packaging.done", timeout_s=240)

    assert portal.has_line("demo.film_brought_in", "meridian")
    assert list((portal.data_dir / "media" / "packages").glob("*/manifest.mpd"))
    assert "demo.film_left_out" not in portal.output()
