"""Packaging at the editors' desk, in a real browser: a job appears, goes on by itself, and is stopped."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.running import Portal
from tests.e2e.test_editors_desk import faults_of
from tests.e2e.tus import TusClient
from tests.streaming.media.sources import make_film

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

JOBS = "/admin/streaming/packagingjob/"
# Long enough that nobody can encode it before a browser has seen it going on, and quickly made: one second, repeated.
LENGTH_S = 600
SECOND = "-f lavfi -i smptehdbars=s=1280x720:r=25:d=1 -c:v mpeg4 -q:v 20 -g 25"
FAR = re.compile(r"Making .+, \d+ %, [\d.]+ × playing speed, .+ left")
PATIENCE_MS = 90_000


@pytest.fixture
def client(live_portal: Portal) -> TusClient:
    return TusClient.sign_in(live_portal.url, username="admin", password=live_portal.password)


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    make_film(tmp_path, SECOND, name="second.mp4")
    again = f"-stream_loop {LENGTH_S - 1} -i second.mp4 -c copy"
    return make_film(tmp_path, again, name="film.mp4").read_bytes()


@pytest.fixture
def upload(client: TusClient, film: bytes) -> Iterator[str]:
    """The address of an upload that wants its last piece."""
    upload = client.begin(size_bytes=len(film), said={"filename": "endless.mp4"})
    yield upload
    client.remove(upload)


def finish(client: TusClient, upload: str, film: bytes) -> None:
    offset, piece = 0, 16 * 1024**2
    while offset < len(film):
        offset = client.send(upload, film[offset : offset + piece], offset=offset)


def test_a_job_appears_goes_on_and_is_stopped(
    administrator_page: Page, client: TusClient, upload: str, film: bytes
) -> None:
    page = administrator_page
    page.goto(JOBS)
    expect(page.get_by_text("There are newer jobs.")).to_be_hidden()

    finish(client, upload, film)
    page.get_by_role("link", name="Show them").click(timeout=PATIENCE_MS)

    row = page.locator("#result_list tbody", has_text="endless.mp4").first
    expect(row.locator("[data-job-detail]")).to_have_text(FAR, timeout=PATIENCE_MS)
    bar = row.get_by_role("progressbar", name="endless.mp4")
    expect(bar).to_be_visible()
    assert faults_of(page) == []

    row.get_by_role("link", name="endless.mp4").click()
    expect(page.locator("[data-job-detail]")).to_have_text(FAR, timeout=PATIENCE_MS)
    shown = page.locator("[data-job-detail]").text_content() or ""
    expect(page.locator("[data-job-detail]")).not_to_have_text(shown, timeout=PATIENCE_MS)
    assert faults_of(page) == []

    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Retry")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("[data-job]")).to_contain_text("Cancelled")
    expect(page.get_by_text("The picture is encoded anew: not every browser plays MPEG-4 Part 2.")).to_be_visible()
