"""How soon everybody sees a change of the catalogue: an edit in the admin, and the edge of a window.

A page notes by itself when it shows something: a MutationObserver in it reads the clock, which is that of this process.
"""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.big_catalogue import plans
from benchmarks.big_catalogue.running import administrator_password, run_within
from benchmarks.results import Row, percentile
from tests.e2e.running import Portal

EDITS = 20
PAIRS_OF_EDGES = 3
FOLLOWS_BAR_S = 1.0
_LONGEST_S = 15.0
_WATCHED_BEFORE_S = 1.5
_WATCHED_AFTER_S = 2.5
_CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
_NOTE_WHEN_SHOWN = """(text) => {
    window.shownAt = undefined;
    const look = () => {
        if (window.shownAt === undefined && document.body.innerText.includes(text)) window.shownAt = Date.now() / 1000;
    };
    new MutationObserver(look).observe(document, {
        subtree: true, childList: true, characterData: true, attributes: true
    });
    look();
}"""
_GONE = "This film is no longer available"


# --- An edit in the admin ---------------------------------------------------------------------------------------------


def measure_edits(portal: Portal) -> Iterator[Row]:
    """Save the admin's form again and again, with a viewer's page of the film open beside it."""
    film = next(film for film in reversed(plans.films()) if film.is_always_seen)
    with chromium() as browser:
        editor = _signed_in(browser, portal)
        _open_form(editor, film)
        viewer = open_film(browser, portal, film.slug)
        waits = [_edit(editor, viewer, f"Edited for the {place}. time at {time.time()}") for place in range(EDITS)]
        _save(editor, film.tagline)
    what = f"edit in the admin, click on Save to shown in an open page: {{}} of {EDITS}"
    yield Row(what=what.format("p95"), figure=percentile(waits, 0.95), unit="s", bar=FOLLOWS_BAR_S)
    yield Row(what=what.format("longest"), figure=max(waits), unit="s", bar=FOLLOWS_BAR_S)


def _signed_in(browser: Browser, portal: Portal) -> Page:
    page = browser.new_context(base_url=portal.url, locale="en-GB").new_page()
    page.goto("/accounts/login/?next=/accounts/profile/")
    page.locator("main input[name=name]").fill("admin")
    page.locator("main input[name=password]").fill(administrator_password(portal))
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/profile/")
    return page


def _open_form(editor: Page, film: plans.FilmPlan) -> None:
    editor.wait_for_load_state("networkidle")
    editor.goto(f"/admin/catalog/movie/?q={film.slug}")
    editor.locator("#result_list a[href*='/change/']").first.click()
    editor.wait_for_url("**/change/**")


def _edit(editor: Page, viewer: Page, tagline: str) -> float:
    viewer.evaluate(_NOTE_WHEN_SHOWN, tagline)
    clicked = _save(editor, tagline)
    viewer.wait_for_function("window.shownAt !== undefined", timeout=_LONGEST_S * 1000)
    return float(viewer.evaluate("window.shownAt")) - clicked


def _save(editor: Page, tagline: str) -> float:
    """Save and stay on the form; return when the button was clicked."""
    editor.locator("[name=tagline]").fill(tagline)
    clicked = time.time()
    with editor.expect_navigation(timeout=_LONGEST_S * 1000):
        editor.locator("[name=_continue]").click()
    return clicked


# --- The edge of a window ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a surface showed the film, by a request sent and answered at these times (seconds since the epoch)."""

    asked_at: float
    answered_at: float
    is_shown: bool


def lateness(answers: Sequence[Answer], *, edge_at: float, is_shown_after: bool) -> float | None:
    """Return for how long after the edge a request could still be answered with what was true before it.

    That is when the first request was sent from which on every answer was right, so it is never told too short. None if
    the surface was wrong to the end, or right before the edge: then it does not go by the edge at all.
    """
    before = [answer for answer in answers if answer.answered_at < edge_at]
    after = [answer for answer in answers if answer.asked_at >= edge_at]
    if not before or not after or any(answer.is_shown == is_shown_after for answer in before):
        return None
    if after[-1].is_shown != is_shown_after:
        return None
    wrong = [place for place, answer in enumerate(after) if answer.is_shown != is_shown_after]
    return after[wrong[-1] + 1 if wrong else 0].asked_at - edge_at


def measure_edges(portal: Portal) -> Iterator[Row]:
    """Let windows open and close while worker and beat stand still, and ask every surface all the while."""
    with _standing_still(portal), chromium() as browser:
        staged = json.loads(run_within(portal, "benchmarks.big_catalogue.staging", str(PAIRS_OF_EDGES)))
        found: dict[str, list[float | None]] = {}
        for film in staged:
            page = None if film["opens"] else open_film(browser, portal, film["slug"])
            for surface, late in _watch(portal, film).items():
                found.setdefault(surface, []).append(late)
            if page:
                found.setdefault("a page that was open", []).append(_gone_after(page, film["edge_at"]))
    yield from agreement(found)


def agreement(found: dict[str, list[float | None]]) -> Iterator[Row]:
    for surface, lates in found.items():
        right = [late for late in lates if late is not None]
        yield Row(
            what=f"window edge, no worker: {surface}, latest of {len(lates)}",
            figure=max(right, default=_LONGEST_S) if len(right) == len(lates) else _LONGEST_S,
            unit="s",
            bar=FOLLOWS_BAR_S,
        )


def _watch(portal: Portal, film: dict[str, object]) -> dict[str, float | None]:
    slug, word, edge_at = str(film["slug"]), str(film["word"]), float(str(film["edge_at"]))
    paths = {
        "page": f"/movies/{slug}/",
        "home": "/",
        "list": "/movies/",
        "search": f"/movies/?q={word}",
        "feed": "/feeds/new-movies.atom",
        "API, film": f"/api/v1/movies/{slug}/",
        "API, list": "/api/v1/movies/",
        "API, search": f"/api/v1/movies/?q={word}",
        "API, suggestions": f"/api/v1/suggestions/?q={word}",
    }
    time.sleep(max(0, edge_at - _WATCHED_BEFORE_S - time.time()))
    with ThreadPoolExecutor(len(paths)) as threads:
        asked = {name: threads.submit(_ask, portal.url, path, slug, edge_at) for name, path in paths.items()}
    return {
        name: lateness(answers.result(), edge_at=edge_at, is_shown_after=bool(film["opens"]))
        for name, answers in asked.items()
    }


def _ask(url: str, path: str, slug: str, edge_at: float) -> list[Answer]:
    """Ask again and again, until a while after the edge; of a film's own address the status tells."""
    answers = []
    with httpx.Client(base_url=url, timeout=_LONGEST_S) as client:
        while time.time() < edge_at + _WATCHED_AFTER_S:
            asked_at = time.time()
            response = client.get(path)
            is_shown = response.status_code == 200 and slug in response.text
            answers.append(Answer(asked_at, time.time(), is_shown))
            time.sleep(0.02)
    return answers


def _gone_after(page: Page, edge_at: float) -> float | None:
    page.wait_for_function("window.shownAt !== undefined", timeout=_LONGEST_S * 1000)
    shown_at = float(page.evaluate("window.shownAt"))
    return shown_at - edge_at if shown_at >= edge_at else None


@contextlib.contextmanager
def _standing_still(portal: Portal) -> Iterator[None]:
    """Suspend worker and beat: nothing of them runs, and the supervisor, which sees them alive, starts no others."""
    parents = [process for name, process in portal.children().items() if name in ("worker", "beat")]
    suspended: list[psutil.Process] = []
    try:
        for process in (each for parent in parents for each in (parent, *parent.children(recursive=True))):
            process.suspend()
            suspended.append(process)
        yield
    finally:
        for process in reversed(suspended):
            process.resume()


# --- A browser --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    path = os.environ.get("NOVA_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_CHROMIUM))
        yield browser
        browser.close()


def open_film(browser: Browser, portal: Portal, slug: str) -> Page:
    """Open a film's page as a viewer, wait until it follows, and have it note when the film goes."""
    page = browser.new_context(base_url=portal.url, locale="en-GB").new_page()
    page.goto(f"/movies/{slug}/")
    page.wait_for_selector("[data-movie][data-connection=live]", timeout=_LONGEST_S * 1000)
    page.evaluate(_NOTE_WHEN_SHOWN, _GONE)
    return page
