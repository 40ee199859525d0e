"""How beacons reach a portal that may be away, busy or of another opinion."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route

from tests.e2e.scripts import empty_page

pytestmark = [pytest.mark.e2e]

_BEGIN = """async () => {
  const { BeaconSender } = await import("/player/beacons_sender.js");
  Object.assign(window, {intervals: [], over: new AbortController()});
  window.sender = new BeaconSender({onInterval: (seconds) => intervals.push(seconds), signal: over.signal});
  window.beacons = Object.fromEntries(["one", "two"].map((token) => [token, {url: "/beacons/", token}]));
}"""
_ADD = "([token, numbers]) => numbers.forEach((sn) => sender.add(beacons[token], {e: 't', sn}))"


@dataclass(slots=True)
class Door:
    """A portal's door for beacons, which answers as it is told; and a sender that knocks at it."""

    page: Page
    answer: Callable[[Route], None] = lambda route: route.fulfill(status=204)
    heard: list[Request] = field(default_factory=list)

    def take(self, route: Route) -> None:
        self.heard.append(route.request)
        self.answer(route)

    def told(self) -> list[tuple[str, list[int]]]:
        """Return the token and the numbers of each beacon that was heard of."""
        bodies = [json.loads(request.post_data or "") for request in self.heard]
        return [(body["token"], [event["sn"] for event in body["ev"]]) for body in bodies]

    def add(self, *numbers: int, token: str = "one") -> None:
        self.page.evaluate(_ADD, [token, list(numbers)])

    def tell(self, *numbers: int, token: str = "one") -> None:
        """Let something be told, and wait until the sender has done what it can."""
        self.add(*numbers, token=token)
        self.page.evaluate("sender.flush()")

    def wait(self, milliseconds: int) -> None:
        """Let time pass on the page, and what was begun meanwhile come to its end."""
        self.page.clock.run_for(milliseconds)
        self.page.evaluate("sender.flush()")
        self.page.wait_for_timeout(100)

    def say(self, status: int, headers: dict[str, str] | None = None, value: Any = None) -> None:
        body = "" if value is None else json.dumps(value)
        self.answer = lambda route: route.fulfill(status=status, headers=headers or {}, body=body)


@pytest.fixture
def door(browser: Browser) -> Iterator[Door]:
    with empty_page(browser) as page:
        page.evaluate(_BEGIN)
        door = Door(page)
        page.route(re.compile("/beacons/$"), lambda route: door.take(route))
        yield door


def test_it_tells_in_order_by_the_token_and_no_cookie(door: Door) -> None:
    door.page.context.add_cookies([{"name": "secret", "value": "1", "url": door.page.url}])
    door.tell(0, 1)

    [request] = door.heard
    body = json.loads(request.post_data or "")
    assert {name: body[name] for name in ("v", "token", "ev")} == {
        "v": 1,
        "token": "one",
        "ev": [{"e": "t", "sn": 0}, {"e": "t", "sn": 1}],
    }
    assert isinstance(body["sent"], int)
    assert request.headers["content-type"] == "application/json"
    assert "cookie" not in request.all_headers()


def test_sessions_are_told_of_one_by_one(door: Door) -> None:
    door.add(0, 1)
    door.add(0, token="two")
    door.tell(2)

    assert door.told() == [("one", [0, 1]), ("two", [0]), ("one", [2])]


def test_a_portal_that_asks_for_patience_is_given_it_and_then_all(door: Door) -> None:
    door.say(503, {"Retry-After": "20"})
    door.tell(0)
    door.tell(1)
    door.wait(19_900)
    assert door.told() == [("one", [0])]

    door.say(204)
    door.wait(2_000)

    assert door.told()[1:] == [("one", [0, 1])]


def test_tries_grow_rarer_while_the_portal_is_away(door: Door) -> None:
    door.page.evaluate("Math.random = () => 0")
    door.answer = lambda route: route.abort("connectionfailed")
    door.tell(0)
    for tries, pause_ms in enumerate((1_000, 2_000, 4_000, 8_000), start=1):
        door.wait(pause_ms - 150)
        assert len(door.heard) == tries
        door.wait(200)
        assert len(door.heard) == tries + 1

    door.say(204)
    door.wait(16_000)
    door.tell(1)

    assert door.told()[-2:] == [("one", [0]), ("one", [1])]


def test_what_is_wrong_is_forgotten_and_what_comes_after_is_told(door: Door) -> None:
    door.say(422)
    door.tell(0)
    door.say(204)
    door.tell(1)

    assert door.told() == [("one", [0]), ("one", [1])]


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused_is_not_shown_again(door: Door, status: int) -> None:
    door.say(status)
    door.add(*range(40))
    door.tell(40)
    door.tell(41)
    door.say(204)
    door.tell(0, token="two")

    assert [token for token, _ in door.told()] == ["one", "two"]


def test_the_newest_fifty_are_kept_and_go_in_beacons_that_are_taken(door: Door) -> None:
    door.say(429, {"Retry-After": "1"})
    door.tell(*range(60))
    door.say(204)
    door.wait(3_000)

    assert door.told()[1:] == [("one", list(range(10, 40))), ("one", list(range(40, 60)))]


def test_the_portal_says_how_often_it_wants_to_be_told(door: Door) -> None:
    door.say(200, {"Content-Type": "application/json"}, {"hb": 20})
    door.tell(0)
    door.say(200, {"Content-Type": "text/html"}, "a page of somebody else's")
    door.tell(1)

    assert door.page.evaluate("intervals") == [20]

    # It is as before with the next answer that says nothing of it.
    door.say(204)
    door.tell(2)
    assert door.page.evaluate("intervals") == [20, None]


def test_offline_it_keeps_all_and_tells_it_once_the_network_is_back(door: Door) -> None:
    door.page.context.set_offline(True)
    door.tell(0)
    door.tell(1)
    door.page.evaluate("sender.leave()")
    assert door.heard == []

    with door.page.expect_request("**/beacons/"):
        door.page.context.set_offline(False)
    door.page.wait_for_timeout(100)
    assert door.told() == [("one", [0, 1])]


def test_a_network_that_comes_back_does_not_wear_out_the_portals_patience(door: Door) -> None:
    door.say(503, {"Retry-After": "20"})
    door.tell(0)
    door.page.evaluate("dispatchEvent(new Event('online'))")
    door.wait(1_000)

    assert len(door.heard) == 1


def test_the_last_word_is_the_browsers_to_send(door: Door) -> None:
    door.say(503, {"Retry-After": "20"})
    door.tell(0)
    door.say(204)
    door.add(1)
    door.add(0, token="two")
    with door.page.expect_request(lambda request: '"two"' in (request.post_data or "")):
        door.page.evaluate("sender.leave()")
    door.page.wait_for_timeout(100)

    assert door.told()[1:] == [("one", [0, 1]), ("two", [0])]
    assert {request.headers["content-type"] for request in door.heard[1:]} == {"text/plain;charset=UTF-8"}


def test_what_a_browser_does_not_take_is_kept(door: Door) -> None:
    door.page.evaluate("navigator.sendBeacon = () => false")
    door.add(0)
    door.page.evaluate("sender.leave()")
    door.tell(1)

    assert door.told() == [("one", [0, 1])]


def test_for_a_player_that_is_gone_it_tries_once(door: Door) -> None:
    door.page.evaluate("over.abort()")
    door.say(500)
    door.tell(0)
    door.wait(60_000)

    assert len(door.heard) == 1
