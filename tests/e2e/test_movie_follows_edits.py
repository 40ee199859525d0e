"""An open page of a film follows what an editor does to it, also over gaps and lost connections."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.e2e.running import Portal

pytestmark = pytest.mark.e2e

SLUG = "meridian"


class Editor:
    """An editor at work, through the API."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def change(self, **changes: object) -> None:
        self._client.patch(f"movies/{SLUG}/", json=changes).raise_for_status()

    def show_to(self, visibility: str) -> None:
        self._client.put(f"movies/{SLUG}/visibility/", json={"visibility": visibility}).raise_for_status()

    def read(self) -> dict[str, Any]:
        movie: dict[str, Any] = self._client.get(f"movies/{SLUG}/").raise_for_status().json()
        return movie


@pytest.fixture(scope="module")
def client(live_portal: Portal) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{live_portal.url}/api/v1/") as client:
        credentials = {"username": "admin", "password": live_portal.password}
        token = client.post("auth/token/", json=credentials).raise_for_status().json()["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture
def editor(client: httpx.Client) -> Iterator[Editor]:
    """The editor, who leaves the film as it was."""
    editor = Editor(client)
    before = editor.read()
    yield editor
    editor.show_to("PUBLISHED")
    texts = ("title", "original_title", "tagline", "synopsis", "year", "runtime_s")
    editor.change(**{name: before[name] for name in texts}, genres=[genre["slug"] for genre in before["genres"]])


@pytest.fixture
def watched(browser_page: Page) -> Page:
    """The film's page, once its socket has brought the snapshot."""
    open_film(browser_page)
    return browser_page


def open_film(page: Page) -> None:
    page.goto(f"/movies/{SLUG}/")
    expect(page.locator("[data-movie]")).to_have_attribute("data-connection", "live")


def test_every_field_follows(watched: Page, editor: Editor) -> None:
    editor.change(
        title="Meridian: the Long Night Shift",
        original_title="Meridiano",
        tagline="It is still ringing.",
        synopsis="First <b>paragraph</b>.\n\nSecond,\nin two lines.",
        year=2026,
        runtime_s=3600,
        genres=["drama", "mystery"],
    )

    expect(watched.locator("h1")).to_have_text("Meridian: the Long Night Shift")
    expect(watched.locator("h1")).to_have_class(re.compile(r"\bis-long\b"))
    expect(watched).to_have_title(re.compile(r"^Meridian: the Long Night Shift \(2026\) ·"))
    expect(watched.get_by_text("It is still ringing.")).to_be_visible()
    expect(watched.locator(".prose p")).to_have_count(2)
    expect(watched.locator(".prose p").first).to_have_text("First <b>paragraph</b>.")
    expect(watched.locator("dl.detail-facts")).to_contain_text(re.compile(r"Drama\s*Mystery"))
    expect(watched.locator("dl.detail-facts")).to_contain_text(re.compile(r"Original title\s*Meridiano"))
    facts = re.compile(r"^\s*2026\s*1 h\s*Drama\s*Mystery\s*Age rating: 12\+\s*$")
    expect(watched.locator(".stage .meta")).to_have_text(facts)


def test_what_was_emptied_leaves_no_empty_frame(watched: Page, editor: Editor) -> None:
    editor.change(tagline="", synopsis="", runtime_s=None, genres=[])

    expect(watched.get_by_text("Length")).to_be_hidden()
    expect(watched.get_by_text("Genres", exact=True)).to_be_hidden()
    expect(watched.locator(".stage-tagline")).to_be_hidden()


def test_a_hidden_film_goes_from_the_page_at_once_and_comes_back(watched: Page, editor: Editor) -> None:
    editor.show_to("HIDDEN")
    expect(watched.get_by_role("heading", name="This film is no longer available")).to_be_visible()
    expect(watched.locator("h1")).to_be_hidden()
    editor.change(title="Meridian Restored")
    expect(watched.locator("h1")).to_be_hidden()

    editor.show_to("PUBLISHED")

    expect(watched.locator("h1")).to_have_text("Meridian Restored")
    expect(watched.locator("h1")).to_be_visible()
    expect(watched.get_by_role("heading", name="This film is no longer available")).to_be_hidden()


def test_an_editor_keeps_the_page_of_a_hidden_film_and_is_told(administrator_page: Page, editor: Editor) -> None:
    open_film(administrator_page)
    editor.show_to("HIDDEN")

    expect(administrator_page.get_by_text("Hidden: viewers do not see this film.")).to_be_visible()
    expect(administrator_page.locator("h1")).to_be_visible()


def test_a_page_that_missed_an_event_asks_for_a_new_snapshot(browser_page: Page, editor: Editor) -> None:
    lost: list[dict[str, Any]] = []

    def lose_one(envelope: dict[str, Any]) -> bool:
        if envelope["type"] == "movie.updated" and not lost:
            lost.append(envelope)
        return envelope not in lost

    sent = listen_in(browser_page, lose_one)
    open_film(browser_page)
    editor.change(tagline="Nobody hears of this one by itself")
    editor.change(year=2030)

    expect(browser_page.get_by_text("Nobody hears of this one by itself")).to_be_visible()
    expect(browser_page.locator(".stage .meta")).to_contain_text("2030")
    assert len(lost) == 1
    assert sent == ['{"type": "snapshot.request"}']


def test_events_in_the_wrong_order_leave_the_newer_state(browser_page: Page, editor: Editor) -> None:
    held: list[dict[str, Any]] = []
    browser: list[WebSocketRoute] = []

    def swap(route: WebSocketRoute, message: str) -> None:
        envelope = json.loads(message)
        if envelope["type"] != "movie.updated":
            route.send(message)
            return
        held.append(envelope)
        if len(held) == 2:
            # As if the later change had been published first.
            for data, seq in ((held[1]["data"], held[0]["seq"]), (held[0]["data"], held[1]["seq"])):
                route.send(json.dumps({**held[0], "seq": seq, "data": data}))

    def connect(route: WebSocketRoute) -> None:
        browser.append(route)
        route.connect_to_server().on_message(lambda message: swap(route, str(message)))

    browser_page.route_web_socket(re.compile("/ws/movies/"), connect)
    open_film(browser_page)
    editor.change(title="Earlier")
    editor.change(title="Later")

    expect(browser_page.locator("h1")).to_have_text("Later")
    # The older one has been there too, a frame after it.
    browser_page.wait_for_timeout(300)
    expect(browser_page.locator("h1")).to_have_text("Later")


def test_a_lost_connection_is_made_again_and_catches_up(browser_page: Page, editor: Editor) -> None:
    routes: list[WebSocketRoute] = []

    def connect(route: WebSocketRoute) -> None:
        routes.append(route)
        route.connect_to_server()

    browser_page.route_web_socket(re.compile("/ws/movies/"), connect)
    open_film(browser_page)
    routes[0].close(code=1012)
    editor.change(title="Changed while nobody listened")

    expect(browser_page.locator("h1")).to_have_text("Changed while nobody listened")
    assert len(routes) == 2


def test_a_browser_without_network_waits_for_it(context: BrowserContext, watched: Page, editor: Editor) -> None:
    context.set_offline(True)
    editor.change(title="Changed while offline")
    watched.wait_for_timeout(700)
    context.set_offline(False)

    expect(watched.locator("h1")).to_have_text("Changed while offline")


def test_a_film_that_is_gone_is_not_asked_for_again(browser_page: Page, editor: Editor) -> None:
    routes: list[WebSocketRoute] = []

    def refuse(route: WebSocketRoute) -> None:
        routes.append(route)
        route.close(code=4404)

    browser_page.route_web_socket(re.compile("/ws/movies/"), refuse)
    browser_page.goto(f"/movies/{SLUG}/")

    expect(browser_page.get_by_role("heading", name="This film is no longer available")).to_be_visible()
    browser_page.wait_for_timeout(1500)
    assert len(routes) == 1


def listen_in(page: Page, passes: Callable[[dict[str, Any]], bool]) -> list[str]:
    """Let only the envelopes reach the page that `passes` keeps; return what the page sends."""
    sent: list[str] = []

    def connect(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def to_server(message: str | bytes) -> None:
            sent.append(str(message))
            server.send(message)

        def to_page(message: str | bytes) -> None:
            if passes(json.loads(message)):
                route.send(message)

        route.on_message(to_server)
        server.on_message(to_page)

    page.route_web_socket(re.compile("/ws/movies/"), connect)
    return sent
