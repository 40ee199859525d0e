"""The first start, with films: what `make run` does before a newcomer's eyes, who soon presses Ctrl-C."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser

from tests.e2e.running import Portal, start_portal

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(900)]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="nova-films-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(data_dir: Path) -> Iterator[Portal]:
    with ExitStack() as stack:
        portal = start_portal(data_dir, variables={"NOVA_DEMO_FILMS": "1"})
        stack.callback(portal.stop)
        portal.wait_for("Nova is running", timeout_s=120)
        yield portal


def watch_from_the_home_page(browser: Browser, portal: Portal) -> None:
    """Do what a newcomer does who has seen the home page: watch its film, with sound, then with captions."""
    page = browser.new_page(base_url=portal.url, locale="en-GB")
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Watch ?: Meridian$")).click()
    playing = "video.currentTime > 1 && !video.paused && !video.muted && video.webkitAudioDecodedByteCount > 0"
    page.wait_for_function(f"() => {{ const video = document.querySelector('video'); return video && {playing}; }}")
    page.keyboard.press("c")
    shown = "[...video.textTracks].some((track) => track.mode === 'showing' && track.activeCues?.length)"
    page.wait_for_function(f"() => {{ const video = document.querySelector('video'); return {shown}; }}")
    page.close()


def test_a_film_is_made_and_packaged_after_the_welcome_and_a_ctrl_c_only_puts_it_off(
    data_dir: Path, browser: Browser
) -> None:
    with running(data_dir) as first:
        assert first.has_line("Films", "packaging jobs")
        # One film is being packaged now, and the next one made.
        first.wait_for("packaging.taken", timeout_s=240)
        assert first.has_line("demo.film_brought_in", "meridian")
        family = psutil.Process(first.process.pid).children(recursive=True)
        assert first.stop() == 0
    assert [process for process in family if process.is_running()] == []
    assert first.has_line("packaging.given_back")
    # As a process does that is given its time, and needs more.
    assert "did not stop" not in first.output()

    with running(data_dir) as second:
        second.wait_for("packaging.done", timeout_s=240)
        watch_from_the_home_page(browser, second)
    assert second.has_line("packaging.taken", '"attempt": 1')
    assert list((data_dir / "media" / "packages").glob("*/manifest.mpd"))
    assert "demo.film_left_out" not in first.output() + second.output()
