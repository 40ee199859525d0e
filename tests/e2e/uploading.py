"""Films for the upload panel, and a gate on the way to the server that lets only some of their pieces through."""

import contextlib
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Error, Locator, Page, Route, expect

MIB = 1024 * 1024
PIECE = 8 * MIB
PIECES = re.compile(r"/api/v1/uploads/[^/]+/$")
# What browsers without the File System Access API do: Playwright can answer an <input>, and no picker of handles.
_WITHOUT_HANDLES = "delete window.showOpenFilePicker; delete DataTransferItem.prototype.getAsFileSystemHandle;"


def film(size: int) -> bytes:
    """Return the least that passes for an MP4: a `ftyp` box, and a `free` one that fills the rest."""
    head = b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42"
    return head + (size - len(head)).to_bytes(4, "big") + b"free" + bytes(size - len(head) - 8)


def film_file(folder: Path, name: str, size: int) -> Path:
    path = folder / name
    path.write_bytes(film(size))
    return path


@dataclass
class Gate:
    """Lets the first `lets_through` pieces of each upload pass, None: all, and holds the others back."""

    lets_through: int | None = None
    offsets: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    held: list[Route] = field(default_factory=list)

    @classmethod
    def on(cls, page: Page) -> "Gate":
        gate = cls()
        page.route(PIECES, gate.judge)
        return gate

    def remove(self) -> None:
        """Let go of what is held, whether or not anybody waits for it still."""
        for route in self.held:
            with contextlib.suppress(Error):
                route.abort()

    def judge(self, route: Route) -> None:
        if route.request.method == "PATCH":
            self.offsets.append(int(route.request.headers["upload-offset"]))
            self.counts[route.request.url] += 1
            if self.lets_through is not None and self.counts[route.request.url] > self.lets_through:
                self.held.append(route)
                return
        route.continue_()

    def open(self, upload_id: str) -> None:
        """Let everything of one upload pass, and what was held back of it."""
        self.lets_through = None
        for route in [route for route in self.held if upload_id in route.request.url]:
            self.held.remove(route)
            route.continue_()


@dataclass(frozen=True, slots=True)
class Panel:
    """The upload panel of a page, as an editor sees it."""

    page: Page

    @classmethod
    def without_handles(cls, page: Page) -> "Panel":
        page.add_init_script(_WITHOUT_HANDLES)
        return cls(page)

    @property
    def root(self) -> Locator:
        return self.page.locator("[data-upload-panel]")

    def choose(self, *paths: Path, by: str = "Choose films") -> None:
        with self.page.expect_file_chooser() as chooser:
            self.root.get_by_role("button", name=by, exact=True).click()
        chooser.value.set_files(list(paths))

    def row(self, name: str) -> Locator:
        return self.root.locator("[data-upload-row]").filter(has_text=name)

    def press(self, name: str, action: str) -> None:
        self.row(name).get_by_role("button", name=action, exact=True).click()

    def expect_words(self, name: str, words: str | re.Pattern[str]) -> None:
        expect(self.row(name).locator("[data-upload-detail]")).to_contain_text(words, timeout=30_000)

    def id_of(self, name: str) -> str:
        """Return the id of an unfinished upload."""
        uploads = self.page.request.get("/api/v1/uploads/").json()
        return next(str(upload["id"]) for upload in uploads if upload["file_name"] == name)
