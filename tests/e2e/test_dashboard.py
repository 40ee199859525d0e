"""Pages of figures in a real browser: they move each second, say when they are late, and are read without eyes, too."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.counting import FIRST_COUNT, counted_stream, counting
from tests.e2e.running import Portal
from tests.e2e.test_look import PHONE, THEMES, Listener, choose_theme, serious_findings, sideways_px

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300), pytest.mark.usefixtures("nobody_counts")]

# For a machine that has other things to do.
_PATIENCE_MS = 30_000
# Read from a copy, which is meant for it: of the page's own canvas the browser would complain.
_COPY = """const pen = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);"""
# How many different colours a canvas shows: one that nothing was drawn on has none.
_COLOURS = (
    f"(canvas) => {{ {_COPY}"
    + """
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let place = 0; place < data.length; place += 4) {
    if (data[place + 3]) seen.add(data.slice(place, place + 3).join());
  }
  return seen.size;
}"""
)
# The longest part of the line of viewers, between its first and its last point, in which nothing is drawn.
_GAP = (
    f"(canvas) => {{ {_COPY}"
    + """
  let [first, last, longest] = [null, 0, 0];
  for (let x = 0; x < canvas.width; x += 1) {
    const { data } = pen.getImageData(x, 0, 1, canvas.height * 0.8);
    let isDrawn = false;
    for (let place = 0; place < data.length; place += 4) {
      isDrawn ||= data[place + 2] > data[place] + 40 && data[place + 3] > 60;
    }
    if (!isDrawn) continue;
    if (first !== null) longest = Math.max(longest, x - last);
    first ??= x;
    last = x;
  }
  return longest / (canvas.width - first);
}"""
)
_SHOWS_MORE = """(least) =>
  +document.querySelector('[data-live-figures] [data-gauge="viewers"] [data-gauge-value]').textContent > least"""


@pytest.fixture(scope="module")
def stream(live_portal: Portal) -> Iterator[str]:
    with counted_stream(live_portal) as stream:
        yield stream


@pytest.fixture
def listener(administrator_page: Page) -> Listener:
    return Listener(administrator_page)


def value_of(page: Page, gauge: str) -> str:
    return page.locator(f'[data-live-figures] [data-gauge="{gauge}"] [data-gauge-value]').inner_text()


def line_of(page: Page) -> str:
    return str(page.locator("[data-line-state]").get_attribute("data-line-state"))


def test_numbers_move_each_second_and_are_said_to_be_late_when_they_stop(
    administrator_page: Page, listener: Listener, live_portal: Portal, stream: str
) -> None:
    page = administrator_page
    with counting(live_portal, stream) as process:
        page.goto(f"/dashboard/streams/{stream}/")
        expect(page.locator('[data-line-state="live"]')).to_be_visible(timeout=_PATIENCE_MS)
        # The page begins with what was counted before, which may be as late as not to be late yet.
        page.wait_for_function(_SHOWS_MORE, arg=FIRST_COUNT, timeout=_PATIENCE_MS)
        seen = set()
        for _ in range(10):
            seen.add(value_of(page, "viewers"))
            page.wait_for_timeout(500)
        assert len(seen) >= 4, seen
        assert all(int(text) > FIRST_COUNT for text in seen), seen
        expect(page.locator("[data-findings]")).to_contain_text("Motion looks blurred.")
        expect(page.locator('[data-health] [data-for="warning"]')).to_be_visible()
        process.kill()
        expect(page.locator('[data-line-state="late"]')).to_be_visible(timeout=6_000)
    expect(page.locator("[data-line-state]")).to_have_text(re.compile(r"Figures are \d+ s late"))
    assert (
        float(page.locator("[data-live-figures] .gauge-value").first.evaluate("e => getComputedStyle(e).opacity")) < 1
    )
    # Who hears the page is told once.
    expect(page.locator("[data-announcer]")).to_have_text("The figures are late.")
    assert listener.complaints == []


def test_findings_are_said_in_the_language_of_the_page(
    administrator_page: Page, live_portal: Portal, stream: str
) -> None:
    page = administrator_page
    page.context.add_cookies([{"name": "django_language", "value": "th", "url": live_portal.url}])
    with counting(live_portal, stream):
        page.goto(f"/dashboard/streams/{stream}/")
        expect(page.locator("[data-finding-title]").first).to_have_text(re.compile("[ก-๛]"), timeout=_PATIENCE_MS)


def test_a_connection_that_is_lost_is_said(administrator_page: Page, live_portal: Portal, stream: str) -> None:
    page = administrator_page
    with counting(live_portal, stream):
        page.goto(f"/dashboard/streams/{stream}/")
        expect(page.locator('[data-line-state="live"]')).to_be_visible(timeout=_PATIENCE_MS)
        page.context.set_offline(True)
        expect(page.locator("[data-line-state]")).to_have_text(re.compile("no network"), timeout=_PATIENCE_MS)
        page.context.set_offline(False)
        expect(page.locator('[data-line-state="live"]')).to_be_visible(timeout=_PATIENCE_MS)


def test_who_watches_a_film_is_asked_for_again_and_again(administrator_page: Page) -> None:
    page = administrator_page
    page.goto("/dashboard/movies/the-orchard-keeps-its-own-time/")
    line = page.locator("[data-polled-figures] [data-line-state]")
    # By when it was that somebody counted last.
    told = re.compile("The figures are late|Nothing is being counted")
    expect(line).to_have_text(told, use_inner_text=True)
    page.context.set_offline(True)
    expect(line).to_have_text("This device has no network.", use_inner_text=True, timeout=_PATIENCE_MS)
    page.context.set_offline(False)
    expect(line).to_have_text(told, use_inner_text=True, timeout=_PATIENCE_MS)


def test_charts_are_drawn_before_anything_is_fetched_and_gaps_stay_gaps(
    administrator_page: Page, stream: str, listener: Listener
) -> None:
    page = administrator_page
    page.goto(f"/dashboard/streams/{stream}/")
    expect(page.locator("[data-range-figures] canvas")).to_have_count(7)
    # Reading pixels, as below, is something that browsers warn of.
    assert listener.complaints == []
    for kind in ("viewers", "egress", "ingress", "qualities", "rebuffering", "errors", "latency"):
        for section in ("[data-live-figures]", "[data-range-figures]"):
            canvas = page.locator(f'{section} [data-plot="{kind}"] canvas')
            expect(canvas).to_be_visible()
            assert canvas.evaluate(_COLOURS) > 3, (section, kind)
    gap = page.locator('[data-range-figures] [data-plot="viewers"] canvas').evaluate(_GAP)
    # Half a minute of some twenty.
    assert 0.01 < gap < 0.06


def test_a_chart_can_be_read_as_a_table(administrator_page: Page, stream: str) -> None:
    page = administrator_page
    page.goto(f"/dashboard/streams/{stream}/")
    plot = page.locator('[data-range-figures] [data-plot="viewers"]')
    plot.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(plot.get_by_role("columnheader", name="Viewers")).to_be_visible()
    assert 10 < plot.locator("tbody tr").count() <= 60
    assert re.match(
        r"Viewers: now \d+, at most \d+\.", plot.locator("[data-plot-area]").get_attribute("aria-label") or ""
    )


@pytest.mark.parametrize("theme", THEMES)
def test_pages_of_figures_are_accessible_and_make_no_complaint(
    administrator_page: Page, listener: Listener, live_portal: Portal, stream: str, theme: str
) -> None:
    choose_theme(administrator_page.context, live_portal, theme)
    for path in (
        "/dashboard/",
        f"/dashboard/streams/{stream}/",
        "/dashboard/movies/the-orchard-keeps-its-own-time/",
        "/dashboard/definitions/",
    ):
        answer = administrator_page.goto(path)
        assert answer is not None
        assert answer.ok, path
        administrator_page.wait_for_timeout(500)
        assert serious_findings(administrator_page) == [], path
        administrator_page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # Playwright's own TypedDict
        assert sideways_px(administrator_page) <= 0, path
        administrator_page.set_viewport_size({"width": 1280, "height": 720})
    assert listener.complaints == []


def test_the_dashboard_shows_what_is_live_within_two_seconds(administrator_page: Page, stream: str) -> None:
    page = administrator_page
    page.goto("/dashboard/")
    expect(page.locator("[data-live-figures] canvas").first).to_be_visible()
    took_ms = page.evaluate("performance.now()")
    expect(page.locator(f'tr[data-subject="stream:{stream}"]')).to_be_visible()
    assert took_ms < 2000


def test_a_time_is_chosen_without_scripts(administrator_page: Page, browser: Browser, live_portal: Portal) -> None:
    state = administrator_page.context.storage_state()
    context = browser.new_context(base_url=live_portal.url, java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto("/dashboard/")
    page.get_by_role("link", name="24 hours", exact=True).click()
    page.wait_for_url("**/dashboard/?range=day#over-time")
    assert page.locator(".range-links [aria-current]").inner_text() == "24 hours"
    page.get_by_text("Another time").click()
    form = page.locator(".range-form")
    form.get_by_label("From").fill("2026-11-20T10:00")
    form.get_by_label(re.compile(r"^\s*To\b")).fill("2026-11-19T10:00")
    form.get_by_role("button", name="Show").click()
    expect(page.get_by_text("It has to begin before it ends, and before now.")).to_be_visible()
    context.close()


def test_the_studio_shows_the_audience_of_what_is_on_air(
    administrator_page: Page, listener: Listener, live_portal: Portal, stream: str
) -> None:
    page = administrator_page
    with counting(live_portal, stream):
        page.goto("/studio/studio-one/")
        section = page.locator("[data-studio-figures]")
        expect(section).to_be_visible()
        expect(section.locator('[data-line-state="live"]')).to_be_visible(timeout=_PATIENCE_MS)
        assert section.locator('[data-plot="viewers"] canvas').evaluate(_COLOURS) > 3
        expect(section.locator("[data-findings]")).to_contain_text("The bit rate is low")
        assert serious_findings(page) == []
    assert section.get_by_role("link", name="All figures").get_attribute("href") == f"/dashboard/streams/{stream}/"
