"""Films on their way in from the editors' desk, in a real browser: interrupted, gone on with, refused, two at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.e2e.running import Portal
from tests.e2e.signing_in import sign_in
from tests.e2e.test_editors_desk import faults_of
from tests.e2e.uploading import MIB, PIECE, PIECES, Gate, Panel, film, film_file

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

ADD = "/admin/catalog/movie/add/"
WHOLE = re.compile("^Uploaded$")
# Each upload is one window's alone; here it takes a while to be told so.
SLOW_LOCKS = """
  const request = navigator.locks.request.bind(navigator.locks);
  navigator.locks.request = (...asked) =>
    new Promise((resolve) => setTimeout(resolve, 1500)).then(() => request(...asked));
"""
# A file of the browser's own that it lets us read again after a reload, as it does with one that was dropped.
OWN_FILE = """async (size) => {
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle("own.mp4", { create: true });
  const writer = await handle.createWritable();
  const head = new TextEncoder().encode("\\0\\0\\0\\u0018ftypisom\\0\\0\\0\\0isommp42");
  await writer.write(new Uint8Array([...head, ...new Uint8Array(size - head.length)]));
  await writer.close();
}"""
OWN_PICKER = """window.showOpenFilePicker = async () => {
  const folder = await navigator.storage.getDirectory();
  return [await folder.getFileHandle("own.mp4")];
};"""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the tests of this file share, as they cost time: one who is signed in, and a movie."""

    state: StorageState
    movie_url: str


@pytest.fixture(scope="module")
def desk(browser: Browser, live_portal: Portal) -> Desk:
    context = browser.new_context(base_url=live_portal.url, locale="en-GB")
    page = context.new_page()
    sign_in(page, live_portal)
    page.goto(ADD)
    describe(page)
    save(page)
    desk = Desk(state=context.storage_state(), movie_url=page.url.partition("#")[0] + "#tab-media")
    context.close()
    return desk


@pytest.fixture
def page(browser: Browser, live_portal: Portal, desk: Desk) -> Iterator[Page]:
    """A page of a browser that remembers no upload and is signed in; who leaves a page with it, leaves it."""
    context = browser.new_context(
        base_url=live_portal.url, locale="en-GB", reduced_motion="reduce", storage_state=desk.state
    )
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()


@pytest.fixture
def gate(page: Page) -> Iterator[Gate]:
    """What stands between the page and the server; it is open until a test closes it."""
    gate = Gate.on(page)
    yield gate
    gate.remove()


@pytest.fixture
def panel(page: Page, desk: Desk) -> Panel:
    """The panel of the movie, in a browser that hands out no handles of files."""
    panel = Panel.without_handles(page)
    page.goto(desk.movie_url)
    return panel


def describe(page: Page) -> None:
    page.locator("[name=title]").fill(f"Film {uuid4().hex[:8]}")
    page.locator("[name=year]").fill("2026")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and continue editing").click()
    page.wait_for_url(re.compile(r"/catalog/movie/\d+/change/"))


def show_media(page: Page) -> None:
    page.get_by_role("tab", name="Media").click()


def test_an_upload_goes_on_where_it_was_after_a_reload(panel: Panel, gate: Gate, tmp_path: Path) -> None:
    page, path = panel.page, film_file(tmp_path, "long.mp4", 40 * MIB)
    gate.lets_through = 2
    panel.choose(path)
    panel.expect_words("long.mp4", "40 % uploaded")

    with page.expect_event("dialog") as asked:
        page.reload()
    assert asked.value.type == "beforeunload"
    gate.lets_through = None
    panel.expect_words("long.mp4", "40 % there: choose the same file again to go on.")
    expect(panel.root.get_by_role("progressbar", name="long.mp4")).to_have_js_property("value", 40)
    panel.choose(path)
    panel.expect_words("long.mp4", WHOLE)

    # The third of them was on its way as the page was left.
    assert gate.offsets == [0, PIECE, 2 * PIECE, 2 * PIECE, 3 * PIECE, 4 * PIECE]
    page.reload()
    expect(panel.root.get_by_role("list", name="Uploaded films")).to_contain_text("long.mp4")
    expect(panel.row("long.mp4")).to_have_count(0)


def test_of_two_films_one_waits_and_the_other_goes_on(panel: Panel, gate: Gate, tmp_path: Path) -> None:
    gate.lets_through = 1
    panel.choose(film_file(tmp_path, "first.mp4", 2 * PIECE), film_file(tmp_path, "second.mp4", 2 * PIECE))
    for name in ("first.mp4", "second.mp4"):
        panel.expect_words(name, "50 % uploaded")
    first, second = panel.id_of("first.mp4"), panel.id_of("second.mp4")

    panel.press("first.mp4", "Pause")
    expect(panel.row("first.mp4").get_by_role("button", name="Go on")).to_be_focused()
    gate.open(second)
    panel.expect_words("second.mp4", WHOLE)
    panel.expect_words("first.mp4", "Paused at 50 %")

    panel.press("first.mp4", "Go on")
    panel.expect_words("first.mp4", WHOLE)
    assert gate.counts == {url: 3 if first in url else 2 for url in gate.counts}


def test_a_deleted_upload_is_gone_from_the_server(panel: Panel, gate: Gate, tmp_path: Path) -> None:
    page = panel.page
    gate.lets_through = 1
    panel.choose(film_file(tmp_path, "unwanted.mp4", 2 * PIECE))
    panel.expect_words("unwanted.mp4", "50 % uploaded")
    upload_id = panel.id_of("unwanted.mp4")

    panel.press("unwanted.mp4", "Delete the upload")

    expect(panel.row("unwanted.mp4")).to_have_count(0)
    expect(panel.root.locator(":focus")).to_have_count(1)
    assert page.request.get(f"/api/v1/uploads/{upload_id}/").json()["state"] == "REMOVED"


def test_a_lost_connection_is_told_and_waited_for(panel: Panel, tmp_path: Path) -> None:
    page = panel.page
    page.route(PIECES, lose := lambda route: route.abort("connectionrefused"))
    panel.choose(film_file(tmp_path, "tunnel.mp4", MIB))
    panel.expect_words("tunnel.mp4", "The connection is gone. It goes on by itself.")

    page.unroute(PIECES, lose)

    panel.expect_words("tunnel.mp4", WHOLE)


def test_what_is_no_film_is_told_in_the_words_of_the_problem(panel: Panel, tmp_path: Path) -> None:
    (tmp_path / "letter.mp4").write_text("Dear editor")
    (tmp_path / "letter.txt").write_text("Dear editor")

    panel.choose(tmp_path / "letter.mp4", tmp_path / "letter.txt")

    panel.expect_words("letter.mp4", "This is no film: its content is not what its name says.")
    panel.expect_words("letter.txt", "This is no film: its name ends in none of")
    panel.press("letter.txt", "Remove from the list")
    expect(panel.row("letter.txt")).to_have_count(0)

    # The next film is no reason to try the refused one again.
    panel.choose(film_file(tmp_path, "real.mp4", MIB))
    panel.expect_words("real.mp4", WHOLE)
    panel.expect_words("letter.mp4", "This is no film: its content is not what its name says.")


def test_who_is_signed_out_meanwhile_signs_in_and_goes_on(panel: Panel, gate: Gate, tmp_path: Path) -> None:
    context = panel.page.context
    gate.lets_through = 1
    panel.choose(film_file(tmp_path, "night.mp4", 2 * PIECE))
    panel.expect_words("night.mp4", "50 % uploaded")
    upload_id = panel.id_of("night.mp4")
    session = [cookie for cookie in context.cookies() if cookie["name"] == "nova_session"]

    context.clear_cookies(name="nova_session")
    gate.open(upload_id)
    expect(panel.row("night.mp4").get_by_role("link", name="Sign in")).to_be_visible()
    context.add_cookies(session)  # type: ignore[arg-type]  # a cookie as it was given
    panel.press("night.mp4", "Try again")

    panel.expect_words("night.mp4", WHOLE)
    assert gate.offsets == [0, PIECE, PIECE]


def test_another_file_is_not_taken_for_the_half_that_is_there(panel: Panel, gate: Gate, tmp_path: Path) -> None:
    page = panel.page
    gate.lets_through = 1
    panel.choose(film_file(tmp_path, "half.mp4", 2 * PIECE))
    panel.expect_words("half.mp4", "50 % uploaded")
    page.reload()

    panel.choose(film_file(tmp_path, "other.mp4", 2 * PIECE), by="Choose the file")

    expect(panel.root.locator("[data-upload-notice]")).to_contain_text("That is another file.")
    panel.expect_words("half.mp4", "50 % there")


def test_a_film_comes_in_while_its_movie_is_described(panel: Panel, tmp_path: Path) -> None:
    page = panel.page
    page.goto(ADD)
    panel.choose(film_file(tmp_path, "the.long.day_2024_1080p.mp4", MIB))
    panel.expect_words("the.long.day_2024_1080p.mp4", "Uploaded. The movie has it once you save.")
    title, year = page.locator("[name=title]"), page.locator("[name=year]")
    expect(title).to_have_value("The Long Day")
    expect(year).to_have_value("2024")

    panel.root.get_by_role("button", name="Undo").click()
    expect(title).to_have_value("")
    expect(year).to_have_value("")
    page.reload()
    panel.expect_words("the.long.day_2024_1080p.mp4", "Uploaded. The movie has it once you save.")
    describe(page)
    save(page)

    show_media(page)
    expect(panel.root.get_by_role("list", name="Uploaded films")).to_contain_text("the.long.day_2024_1080p.mp4")


def test_a_saved_movie_goes_on_with_the_upload_that_was_running(page: Page, gate: Gate) -> None:
    panel = Panel(page)
    page.add_init_script(OWN_PICKER)
    page.goto(ADD)
    page.evaluate(OWN_FILE, 2 * PIECE)
    gate.lets_through = 1
    panel.root.get_by_role("button", name="Choose films").click()
    panel.expect_words("own.mp4", "50 % uploaded")
    expect(panel.root.get_by_text("You can save meanwhile")).to_be_visible()
    describe(page)

    gate.lets_through = None
    save(page)

    show_media(page)
    panel.expect_words("own.mp4", WHOLE)
    assert gate.offsets == [0, PIECE, PIECE]


def test_films_that_wait_for_their_turn_are_taken_along_and_all_can_be_paused(
    panel: Panel, gate: Gate, tmp_path: Path
) -> None:
    page, names = panel.page, [f"reel-{number}.mp4" for number in range(4)]
    paths = [film_file(tmp_path, name, MIB) for name in names]
    page.goto(ADD)
    gate.lets_through = 0
    describe(page)
    panel.choose(*paths)
    save(page)
    show_media(page)
    for name in names:
        panel.expect_words(name, "0 % there: choose the same file again to go on.")

    panel.choose(*paths)
    expect(panel.root.locator("[data-state=waiting], [data-state=running]")).to_have_count(len(names))
    panel.root.get_by_role("button", name="Pause all").click()
    for name in names:
        panel.expect_words(name, "Paused at 0 %")
    gate.lets_through = None
    panel.root.get_by_role("button", name="Go on with all").click()

    for name in names:
        panel.expect_words(name, WHOLE)


def test_films_whose_turn_to_be_told_of_has_not_come_are_waited_for(panel: Panel, gate: Gate, tmp_path: Path) -> None:
    """The server knows the first one when the form is sent, and nothing of the second."""
    page, names = panel.page, ["reel-0.mp4", "reel-1.mp4"]
    page.add_init_script(SLOW_LOCKS)
    page.goto(ADD)
    gate.lets_through = 0
    describe(page)
    with page.expect_response(lambda answer: answer.status == 201):
        panel.choose(*(film_file(tmp_path, name, MIB) for name in names))

    save(page)

    show_media(page)
    for name in names:
        panel.expect_words(name, "0 % there: choose the same file again to go on.")


def test_a_film_can_be_dropped(panel: Panel) -> None:
    page = panel.page
    dropped = page.evaluate_handle(
        """(content) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.from(content)], "dropped.mp4", { type: "video/mp4" }));
          return transfer;
        }""",
        list(film(1000)),
    )
    for kind in ("dragover", "drop"):
        panel.root.dispatch_event(kind, {"dataTransfer": dropped})
    panel.expect_words("dropped.mp4", WHOLE)


@pytest.mark.parametrize(("theme", "is_new"), [("dark", True), ("light", False)])
def test_the_panel_is_accessible_and_fits_a_telephone(
    panel: Panel, gate: Gate, tmp_path: Path, theme: str, is_new: bool
) -> None:
    page = panel.page
    page.add_init_script(f"localStorage.setItem('adminTheme', JSON.stringify('{theme}'))")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(ADD) if is_new else page.reload()
    (tmp_path / "letter.txt").write_text("Dear editor")
    gate.lets_through = 1
    long_name = "a.name.of.a.film.that.goes_on_and_on_and_on_without_any_end.mp4"
    panel.choose(film_file(tmp_path, long_name, 2 * PIECE), film_file(tmp_path, "b.mp4", MIB), tmp_path / "letter.txt")
    panel.expect_words(long_name, "50 % uploaded")
    panel.expect_words("b.mp4", "Uploaded")

    assert faults_of(page) == []
    too_wide = page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
    assert too_wide <= 0
    panel.press(long_name, "Delete the upload")
    expect(panel.row(long_name)).to_have_count(0)
