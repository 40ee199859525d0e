"""Pictures as strangers might send them: only what is whole, still, and of a reasonable size gets through."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageCms

from catalog.artwork.faults import PictureFault, PictureRefused
from catalog.artwork.intake import LARGEST_FILE, read_picture
from tests.factories import make_picture_file

RED, DARK = (192, 64, 48), (32, 48, 64)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """Return a PNG that says how large it is and holds next to nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (1280, 720), colour) for colour in ("red", "green")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def fault_of(content: bytes, kind: str = "BACKDROP") -> PictureRefused:
    with pytest.raises(PictureRefused) as refusal, read_picture(content, kind):
        pass
    return refusal.value


def is_near(pixel: object, colour: tuple[int, int, int], by: int = 12) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= by for one, other in zip(pixel, colour, strict=True))


# --- What is taken ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("AVIF", "avif")])
def test_each_of_the_four_formats_is_taken(kind: str, extension: str) -> None:
    with read_picture(make_picture_file(1280, 720, kind), "BACKDROP") as intake:
        assert (intake.extension, intake.size, intake.image.mode) == (extension, (1280, 720), "RGB")
        assert is_near(intake.image.getpixel((10, 10)), RED)
        assert is_near(intake.image.getpixel((1270, 710)), DARK)


def test_a_telephones_second_picture_is_ignored() -> None:
    pictures = [Image.new("RGB", (1280, 720), colour) for colour in (RED, DARK)]
    content = saved(pictures[0], "MPO", save_all=True, append_images=pictures[1:])
    with read_picture(content, "BACKDROP") as intake:
        assert intake.extension == "jpg"
        assert is_near(intake.image.getpixel((5, 5)), RED)


def test_a_picture_taken_sideways_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned to the right
    with read_picture(make_picture_file(900, 600, exif=exif), "POSTER") as intake:
        assert intake.size == intake.image.size == (600, 900)
        # What was the lower left corner is now the upper left.
        assert is_near(intake.image.getpixel((5, 5)), (48, 64, 192))


def test_a_large_picture_is_held_no_larger_than_it_is_needed() -> None:
    with read_picture(make_picture_file(8000, 6000, "JPEG", quality=30), "BACKDROP") as intake:
        assert intake.size == (8000, 6000)
        assert intake.image.size == (1920, 1440)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_shows_the_ground_of_the_portal(mode: str) -> None:
    image = Image.new("RGBA", (1280, 720), (255, 0, 0, 0))
    content = saved(image.convert(mode), "PNG", **({"transparency": 0} if mode == "P" else {}))
    with read_picture(content, "BACKDROP") as intake:
        assert intake.image.getpixel((9, 9)) == (0x11, 0x0F, 0x0D)


@pytest.mark.parametrize("mode", ["L", "1", "I;16", "CMYK"])
def test_other_kinds_of_pixels_become_colours_of_the_screen(mode: str) -> None:
    white: Any = {"L": 255, "1": 1, "I;16": 65535, "CMYK": (0, 0, 0, 0)}[mode]
    content = saved(Image.new(mode, (1280, 720), white), "JPEG" if mode == "CMYK" else "PNG")
    with read_picture(content, "BACKDROP") as intake:
        assert is_near(intake.image.getpixel((9, 9)), (255, 255, 255), by=3)


def test_colours_of_another_space_are_translated() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = make_picture_file(1280, 720, "PNG", icc_profile=lab)
    with read_picture(plain, "BACKDROP") as intake:
        assert is_near(intake.image.getpixel((5, 5)), RED, by=2)


@pytest.mark.parametrize("profile", [b"no profile at all", b"\0" * 200])
def test_a_broken_profile_costs_the_profile_alone(profile: bytes) -> None:
    with read_picture(make_picture_file(1280, 720, "PNG", icc_profile=profile), "BACKDROP") as intake:
        assert is_near(intake.image.getpixel((5, 5)), RED)


# --- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", PictureFault.NO_PICTURE),
        (b"GIF89a" + b"\0" * 200, PictureFault.NO_PICTURE),
        (b"PK\x03\x04" + b"\0" * 200, PictureFault.NO_PICTURE),
        (b"%PDF-1.7\n", PictureFault.NO_PICTURE),
        (b"<html><script>alert(1)</script>", PictureFault.NO_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", PictureFault.DRAWING),
        (b"\xef\xbb\xbf\n<?xml version='1.0'?><svg/>", PictureFault.DRAWING),
        (b"\xff\xd8\xff\xe0" + b"\0" * 20, PictureFault.DAMAGED),
        (b"RIFF\0\0\0\0WEBPVP8 ", PictureFault.DAMAGED),
        (b"\0\0\0\x20ftypavif", PictureFault.DAMAGED),
        (b"\0" * (LARGEST_FILE + 1), PictureFault.FILE_TOO_LARGE),
    ],
)
def test_what_is_no_picture_is_refused_by_its_content(content: bytes, fault: PictureFault) -> None:
    assert fault_of(content).fault == fault


@pytest.mark.parametrize("size", [(12_001, 800), (800, 12_001), (8_000, 7_000), (11_000, 11_000), (60_000, 60_000)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    assert fault_of(png_of_size(*size)).fault == PictureFault.TOO_MANY_PIXELS


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_a_moving_picture_is_refused(kind: str) -> None:
    assert fault_of(moving(kind)).fault == PictureFault.ANIMATED


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_file_that_was_cut_off_is_refused(kind: str) -> None:
    whole = saved(Image.effect_noise((1280, 720), 90), kind)
    assert fault_of(whole[: len(whole) * 2 // 3]).fault == PictureFault.DAMAGED


def test_an_avif_that_was_cut_off_is_refused() -> None:
    whole = saved(Image.effect_noise((1280, 720), 90).convert("RGB"), "AVIF", speed=10)
    assert fault_of(whole[: len(whole) // 2]).fault == PictureFault.DAMAGED


@pytest.mark.parametrize(("kind", "size"), [("POSTER", (499, 750)), ("POSTER", (500, 749)), ("BACKDROP", (1279, 720))])
def test_a_picture_that_is_too_small_is_told_what_it_would_take(kind: str, size: tuple[int, int]) -> None:
    refusal = fault_of(make_picture_file(*size), kind)
    assert refusal.fault == PictureFault.TOO_SMALL
    assert f"{size[0]} × {size[1]}" in str(refusal.detail)


def test_the_smallest_that_is_enough_is_taken() -> None:
    with read_picture(make_picture_file(500, 750), "POSTER") as intake:
        assert intake.image.size == (500, 750)


def test_a_refusal_names_the_field_and_the_fix() -> None:
    refusal = fault_of(b"<svg/>")
    assert refusal.extras["errors"] == [
        {"pointer": "/file", "code": "drawing", "detail": "SVG drawings are not taken. Export it as a PNG file."}
    ]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("damage", [lambda b: b[::-1], lambda b: b[:40] + b[90:], lambda b: b[:30] + b"\xff" * 200])
def test_a_file_with_damage_anywhere_is_refused_and_crashes_nothing(
    kind: str, damage: Callable[[bytes], bytes]
) -> None:
    assert fault_of(damage(make_picture_file(1280, 720, kind))).status == 422


def test_after_a_refusal_the_next_picture_is_read() -> None:
    fault_of(b"nothing")
    with read_picture(make_picture_file(), "BACKDROP") as intake:
        assert intake.size == (1280, 720)
