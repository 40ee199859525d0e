"""How many watch, in a browser: each page that says so follows within the second, and nobody loads it anew."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from portal.viewer_wording import short_figure
from tests.e2e.running import Portal
from tests.e2e.signing_in import sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300), pytest.mark.usefixtures("nobody_counts")]

# A management command takes its seconds to begin.
_PATIENCE_MS = 30_000
_BEGIN = "from benchmarks.audience_parts.publishing import begin_stream; begin_stream('starting')"
_TELL_STREAM = """
from streaming.models import Stream
from tests.viewer_counts import count_viewers_of
for viewers in {viewers}: count_viewers_of(Stream.objects.select_related("channel").latest("started_at"), viewers)
"""
_TELL_MOVIE = """
from catalog.models import Movie
from tests.viewer_counts import count_viewers_of_movie
for viewers in {viewers}: count_viewers_of_movie(Movie.objects.get(slug="{slug}"), viewers)
"""
_END = "from streaming.models import Stream; Stream.objects.all().delete()"

Tell = Callable[..., None]


@pytest.fixture(scope="module")
def on_air(live_portal: Portal) -> Iterator[Tell]:
    """Somebody on air; gives a function that says how many watch, one number after the other."""
    live_portal.manage("shell", "-c", _BEGIN)

    def tell(*viewers: int) -> None:
        live_portal.manage("shell", "-c", _TELL_STREAM.format(viewers=viewers))

    yield tell
    live_portal.manage("shell", "-c", _END)


def open_and_listen(page: Page, path: str) -> None:
    """Open a page and wait until its socket has begun."""
    heard: list[object] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(frame)))
    page.goto(path)
    while not heard:
        page.wait_for_timeout(50)
    page.evaluate("window.isMine = true")


def expect_viewers(page: Page, shown: str, read_out: str) -> None:
    place = page.locator(".viewers:visible").first
    expect(place.locator("[data-viewers-shown]")).to_have_text(shown, timeout=_PATIENCE_MS)
    expect(place).to_have_attribute("title", read_out)
    expect(place.locator("[data-viewers-exact]")).to_have_text(read_out)
    assert page.evaluate("window.isMine") is True
    # It changes each second: nobody wants that read out.
    assert place.evaluate("(place) => place.closest('[aria-live], [role=status], [role=alert]')") is None


@pytest.mark.parametrize(
    ("path", "one", "many"),
    [("/live/", "1", "1.2K"), ("/live/studio-one/", "1 viewer", "1.2K viewers")],
)
def test_viewers_see_how_many_watch_with_them(browser_page: Page, on_air: Tell, path: str, one: str, many: str) -> None:
    open_and_listen(browser_page, path)
    on_air(3, 1)
    expect_viewers(browser_page, one, "1 viewer")
    on_air(1234)
    expect_viewers(browser_page, many, "1,234 viewers")


@pytest.mark.parametrize("path", ["/studio/", "/studio/studio-one/"])
def test_broadcasters_see_how_many_watch(browser_page: Page, live_portal: Portal, on_air: Tell, path: str) -> None:
    sign_in(browser_page, live_portal)
    open_and_listen(browser_page, path)
    on_air(3, 0)
    expect_viewers(browser_page, "0", "0 viewers")
    on_air(98_765)
    expect_viewers(browser_page, "99K", "98,765 viewers")


def test_the_page_of_a_film_says_it_from_one_up(browser_page: Page, live_portal: Portal) -> None:
    browser_page.goto("/movies/")
    path = browser_page.locator(".movie-card a").first.get_attribute("href") or ""
    open_and_listen(browser_page, path)
    slug = path.strip("/").rpartition("/")[2]
    place = browser_page.locator(".viewers")
    expect(place).to_be_hidden()
    live_portal.manage("shell", "-c", _TELL_MOVIE.format(viewers=[1], slug=slug))
    expect_viewers(browser_page, "1 watching now", "1 watching now")
    live_portal.manage("shell", "-c", _TELL_MOVIE.format(viewers=[2, 0], slug=slug))
    expect(place).to_be_hidden(timeout=_PATIENCE_MS)
    # It was no change of the film that is worth a word.
    expect(browser_page.locator("[data-announcer]")).to_be_empty()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("path", ["/live/", "/live/studio-one/"])
def test_figures_can_be_read(browser_page: Page, live_portal: Portal, on_air: Tell, path: str, theme: str) -> None:
    browser_page.context.add_cookies([{"name": "nova_theme", "value": theme, "url": live_portal.url}])
    open_and_listen(browser_page, path)
    on_air(5, 1234)
    expect(browser_page.locator(".viewers:visible").first).to_contain_text("1.2K", timeout=_PATIENCE_MS)
    found = Axe().run(browser_page, options={"preload": False}).response["violations"]
    assert [finding["id"] for finding in found if finding["impact"] in {"serious", "critical"}] == []


def test_browsers_and_the_portal_write_figures_alike(browser_page: Page) -> None:
    browser_page.goto("/live/")
    figures = [0, 7, 999, 1000, 1049, 1050, 1234, 9949, 9950, 12_345, 99_500, 999_499, 999_500, 1_250_000, 12_500_000]
    for language in ("en", "th"):
        write = f"(all) => all.map((one) => new Intl.NumberFormat('{language}', {{notation: 'compact'}}).format(one))"
        assert browser_page.evaluate(write, figures) == [short_figure(figure) for figure in figures]
