"""The files that are made of a picture."""

import io

import pytest
from PIL import Image

from catalog.artwork.frames import FocalPoint
from catalog.artwork.placeholders import placeholder
from catalog.artwork.renditions import make_renditions
from tests.factories import make_picture_file

MIDDLE = FocalPoint()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_poster_comes_in_every_width_and_format_and_as_a_link_preview() -> None:
    made = make_renditions(make_picture_file(800, 1200), "POSTER", MIDDLE, ("webp", "jpg"))

    assert (made.width, made.height, made.extension) == (800, 1200, "jpg")
    assert made.widths == (180, 360, 540, 720)
    assert {name: (opened(content).format, opened(content).size) for name, content in made.files.items()} == {
        "180.webp": ("WEBP", (180, 270)),
        "180.jpg": ("JPEG", (180, 270)),
        "360.webp": ("WEBP", (360, 540)),
        "360.jpg": ("JPEG", (360, 540)),
        "540.webp": ("WEBP", (540, 810)),
        "540.jpg": ("JPEG", (540, 810)),
        "720.webp": ("WEBP", (720, 1080)),
        "720.jpg": ("JPEG", (720, 1080)),
        "social.jpg": ("JPEG", (1200, 630)),
        "whole.jpg": ("JPEG", (640, 960)),
    }


def test_a_backdrop_is_never_made_larger_than_it_is() -> None:
    made = make_renditions(make_picture_file(1280, 960), "BACKDROP", MIDDLE, ("jpg",))
    assert sorted(made.files) == ["1280.jpg", "640.jpg", "social.jpg", "whole.jpg"]
    assert opened(made.files["1280.jpg"]).size == (1280, 720)
    assert opened(made.files["social.jpg"]).size == (1200, 630)


def test_avif_is_made_by_itself() -> None:
    made = make_renditions(make_picture_file(500, 750), "POSTER", MIDDLE, ("avif",))
    assert sorted(made.files) == ["180.avif", "360.avif", "500.avif"]
    assert opened(made.files["360.avif"]).format == "AVIF"


@pytest.mark.parametrize(("x", "colour"), [(0.0, "red"), (1.0, "blue")])
def test_the_focal_point_decides_what_is_seen(x: float, colour: str) -> None:
    halves = Image.new("RGB", (1600, 750), "red")
    halves.paste("blue", (800, 0, 1600, 750))
    content = io.BytesIO()
    halves.save(content, "PNG")

    made = make_renditions(content.getvalue(), "POSTER", FocalPoint(x=x), ("jpg",))

    red, _, blue = opened(made.files["180.jpg"]).convert("RGB").getpixel((90, 100))  # type: ignore[misc]
    assert (red > 200 > blue) if colour == "red" else (blue > 200 > red)


def test_nothing_that_the_camera_wrote_down_goes_out() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera Works"
    exif.get_ifd(0x8825)[2] = (13.0, 44.0, 57.0)  # latitude
    sent = make_picture_file(800, 1200, exif=exif, comment=b"taken at home")
    assert b"Secret Camera" in sent

    made = make_renditions(sent, "POSTER", MIDDLE, ("avif", "webp", "jpg"))

    for name, content in made.files.items():
        assert b"Secret Camera" not in content, name
        assert b"taken at home" not in content, name
        assert not opened(content).getexif(), name
        assert not {"icc_profile", "comment", "xmp"} & opened(content).info.keys(), name


def test_a_placeholder_is_a_tiny_picture_of_the_same_colours() -> None:
    made = make_renditions(make_picture_file(800, 1200), "POSTER", MIDDLE, ("jpg",))
    shown = placeholder(made.blurhash, (6, 9))
    assert shown.startswith("data:image/webp;base64,")
    assert len(shown) < 200
    assert placeholder(made.blurhash, (6, 9)) is shown
