"""Generated covers: drawings that are files of their own, at addresses that never change their meaning."""

import gzip
import re
from xml.etree import ElementTree

import pytest
from django.template import Context, Template
from django.test import Client

from portal import cover_art
from portal.cover_art import PALETTES, draw_cover, mix, seed_of
from portal.pictures import cover_picture, edition

SVG = "{http://www.w3.org/2000/svg}"


def render(source: str, **context: object) -> str:
    return Template("{% load nova %}" + source).render(Context(context))


# --- The drawing ------------------------------------------------------------------------------------------------------


def test_a_film_always_gets_the_same_cover() -> None:
    first = draw_cover(seed_of("night-ferry"))
    draw_cover.cache_clear()
    assert draw_cover(seed_of("night-ferry")) == first


def test_films_get_different_covers() -> None:
    assert len({draw_cover(seed_of(f"film-{number}")) for number in range(200)}) == 200


@pytest.mark.parametrize("number", range(60))
@pytest.mark.parametrize("shape", ["poster", "wide"])
def test_a_cover_is_a_drawing_and_nothing_else(number: int, shape: cover_art.Shape) -> None:
    text = draw_cover(seed_of(f"film-{number}"), shape)
    drawing = ElementTree.fromstring(text)
    assert {element.tag.removeprefix(SVG) for element in drawing.iter()} <= {
        "svg", "g", "rect", "circle", "ellipse", "path",
    }  # fmt: skip
    assert not re.search(r"\b(id|style|href|on\w+)=", text)
    assert (int(drawing.get("width", "")), int(drawing.get("height", ""))) == cover_art.size_of(shape)
    assert len(text) < 40_000


def test_blending_goes_from_one_colour_to_the_other() -> None:
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#ffffff", 1) == "#ffffff"
    assert mix("#000000", "#ffffff", 0.5) == "#808080"


def test_palettes_go_from_dark_to_light() -> None:
    for palette in PALETTES:
        assert _light(palette.ground) < _light(palette.deep) < _light(palette.bright) < _light(palette.pale)


def _light(colour: str) -> float:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# --- The address ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["poster", "wide"])
def test_a_cover_is_a_file_that_is_kept_for_ever(client: Client, shape: cover_art.Shape) -> None:
    answer = client.get(cover_picture("night-ferry", shape).src)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content.decode() == draw_cover(seed_of("night-ferry"), shape)


def test_opened_by_itself_it_may_do_nothing(client: Client) -> None:
    policy = client.get(cover_picture("night-ferry").src).headers["Content-Security-Policy"]
    assert {"default-src 'none'", "sandbox"} <= set(policy.split("; "))


def test_it_travels_compressed(client: Client) -> None:
    answer = client.get(cover_picture("night-ferry").src, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert gzip.decompress(answer.content).decode() == draw_cover(seed_of("night-ferry"))


def test_that_of_another_version_is_drawn_but_not_kept(client: Client) -> None:
    answer = client.get(cover_picture("night-ferry").src.replace(edition(), "00000000"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/art/covers/poster/night-ferry.00000000.svg",
        "/art/covers/square/0123456789abcdef.00000000.svg",
        "/art/covers/poster/0123456789ABCDEF.00000000.svg",
        "/art/covers/poster/0123456789abcdef.svg",
    ],
)
def test_anything_else_is_no_cover(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_it_takes_no_post(client: Client) -> None:
    assert client.post(cover_picture("night-ferry").src).status_code == 405


# --- The tag ----------------------------------------------------------------------------------------------------------


def test_a_page_names_the_cover_and_leaves_room_for_it() -> None:
    html = render("{% cover key %}", key="night-ferry")
    assert f'src="{cover_picture("night-ferry").src}"' in html
    assert 'width="400"' in html
    assert 'height="600"' in html
    assert 'loading="lazy"' in html
    assert 'alt=""' in html


def test_a_hostile_key_never_reaches_the_page() -> None:
    assert "script" not in render("{% cover key %}", key="</svg><script>alert(1)</script>")
