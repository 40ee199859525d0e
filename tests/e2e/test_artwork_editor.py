"""Choosing in a browser what of a picture stays in view. The page is the part of the desk alone: it needs no portal."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from catalog.artwork.forms import ArtworkForm
from catalog.artwork.frames import FRAMES, FocalPoint, crop_box
from catalog.models import Artwork

pytestmark = pytest.mark.e2e

_SOURCES = Path(settings.BASE_DIR) / "static" / "src"
_DESK = "http://desk.test"
_PAGE = """<html lang="en"><title>Desk</title><link rel="stylesheet" href="/admin.css">
<main><form>{form}</form></main><script type="module" src="/artwork.js"></script></html>"""
_COLOURS = ("#d03020", "#20d030", "#2030d0", "#d0d020", "#20d0d0")


def striped() -> Image.Image:
    """Five stripes from left to right, so that a crop shows where it was made."""
    picture = Image.new("RGB", (1500, 750))
    for place, colour in enumerate(_COLOURS):
        picture.paste(colour, (place * 300, 0, place * 300 + 300, 750))
    return picture


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    form = render_to_string("catalog/artwork/_editor.html", {"form": ArtworkForm(kind=Artwork.Kind.POSTER)})
    style = re.sub(r"@import [^;]+;", "", (_SOURCES / "css" / "admin.css").read_text(encoding="utf-8"))
    answers = {
        "/": ("text/html; charset=utf-8", _PAGE.format(form=form)),
        "/admin.css": ("text/css", style),
        "/artwork.js": ("text/javascript", (_SOURCES / "js" / "artwork.js").read_text(encoding="utf-8")),
    }

    def answer(route: Route) -> None:
        kind, body = answers[route.request.url.removeprefix(_DESK)]
        route.fulfill(content_type=kind, body=body)

    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.route(f"{_DESK}/**", answer)
    page.goto(_DESK)
    yield page
    page.close()


def choose_picture(desk: Page) -> None:
    content = io.BytesIO()
    striped().save(content, "PNG")
    desk.get_by_label("Picture file").set_input_files(
        {"name": "stripes.png", "mimeType": "image/png", "buffer": content.getvalue()}
    )
    expect(desk.locator("[data-artwork-whole]")).to_be_visible()


def shown_crop(desk: Page) -> Image.Image:
    return Image.open(io.BytesIO(desk.locator("[data-artwork-crop]").screenshot())).convert("RGB")


def made_crop(focal: FocalPoint) -> Image.Image:
    picture = striped()
    return picture.crop(crop_box(picture.size, FRAMES["POSTER"].ratio, focal))


def stripes_in(picture: Image.Image) -> list[tuple[int, ...]]:
    """Return the colours along the middle, coarse enough for the browser's own scaling."""
    row = [picture.getpixel((picture.width * place // 16, picture.height // 2)) for place in range(1, 16)]
    return [tuple(round(value / 64) for value in pixel) for pixel in row if isinstance(pixel, tuple)]


def test_a_file_is_shown_before_it_is_sent(desk: Page) -> None:
    expect(desk.locator("[data-artwork-whole]")).to_be_hidden()
    choose_picture(desk)
    assert stripes_in(shown_crop(desk)) == stripes_in(made_crop(FocalPoint()))


@pytest.mark.parametrize(("x", "y"), [(0.02, 0.5), (0.35, 0.2), (0.98, 0.9)])
def test_a_click_on_the_picture_moves_the_crop_as_the_server_will_cut_it(desk: Page, x: float, y: float) -> None:
    choose_picture(desk)
    picture = desk.locator("[data-artwork-picture]")
    box = picture.bounding_box()
    assert box is not None

    picture.click(position={"x": box["width"] * x, "y": box["height"] * y})

    across, down = (float(desk.get_by_label(name).input_value()) for name in ("Across", "Down"))
    assert across == pytest.approx(x, abs=0.02)
    assert down == pytest.approx(y, abs=0.02)
    assert stripes_in(shown_crop(desk)) == stripes_in(made_crop(FocalPoint(x=across, y=down)))


def test_the_keyboard_does_it_too_and_says_where_the_point_is(desk: Page) -> None:
    choose_picture(desk)
    slider = desk.get_by_label("Across")
    slider.focus()
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "100 % across, 50 % down")
    assert stripes_in(shown_crop(desk)) == stripes_in(made_crop(FocalPoint(x=1)))
    slider.press("ArrowLeft")
    assert float(slider.input_value()) == pytest.approx(0.995)


def test_listeners_of_the_desk_on_every_file_field_hear_nothing_of_it(desk: Page) -> None:
    desk.evaluate(
        """() => {
            window.heard = 0;
            document.querySelector("input[type=file]").addEventListener("change", () => { window.heard += 1; });
        }"""
    )
    choose_picture(desk)
    assert desk.evaluate("window.heard") == 0
