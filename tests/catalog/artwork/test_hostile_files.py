"""Whatever bytes arrive, they become a picture or a refusal, and nothing else."""

import io
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from catalog.artwork.faults import PictureFault, PictureRefused
from catalog.artwork.frames import FocalPoint
from catalog.artwork.intake import read_picture
from catalog.artwork.renditions import make_renditions
from tests.factories import make_picture_file

WHOLE = {kind: make_picture_file(500, 750, kind) for kind in ("JPEG", "PNG", "WEBP", "AVIF")}

STARTS = (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBPVP8X")


def outcome_of(content: bytes) -> PictureFault | None:
    try:
        with read_picture(content, "POSTER") as intake:
            assert intake.image.mode == "RGB"
            return None
    except PictureRefused as refusal:
        return refusal.fault


# Each of a few dozen files costs some milliseconds, more on a busy machine.
@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(sorted(WHOLE)),
    changes=st.lists(st.tuples(st.floats(min_value=0, max_value=1), st.binary(min_size=1, max_size=8)), max_size=6),
    end=st.floats(min_value=0.02, max_value=1),
)
def test_a_file_with_any_bytes_changed_is_taken_or_refused(
    kind: str, changes: list[tuple[float, bytes]], end: float
) -> None:
    content = bytearray(WHOLE[kind])
    for place, new in changes:
        start = int(place * (len(content) - 1))
        content[start : start + len(new)] = new
    assert outcome_of(bytes(content[: int(len(content) * end)])) in {None, *PictureFault}


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_a_file_whose_pixels_are_lost_is_called_damaged(kind: str) -> None:
    """Its header is whole, so that only decoding it tells."""
    content = bytearray(make_picture_file(500, 750, kind))
    lost = len(content) // 2
    content[-lost:] = bytes(lost)
    # A JPEG may end anywhere and still show what came before.
    assert outcome_of(bytes(content)) in ({None, PictureFault.DAMAGED} if kind == "JPEG" else {PictureFault.DAMAGED})


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(STARTS))
def test_any_bytes_at_all_are_refused(content: bytes, start: bytes) -> None:
    assert outcome_of(start + content) is not None


def test_a_comment_that_unpacks_to_a_hundred_megabytes_is_not_unpacked() -> None:
    comments = PngImagePlugin.PngInfo()
    comments.add(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 100_000_000, 9))
    content = io.BytesIO()
    Image.new("RGB", (500, 750)).save(content, "PNG", pnginfo=comments)
    assert len(content.getvalue()) < 200_000
    assert outcome_of(content.getvalue()) in {PictureFault.DAMAGED, PictureFault.NO_PICTURE}


@pytest.mark.parametrize("orientation", [0, 9, 255, 65535])
def test_an_orientation_that_there_is_not_turns_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert outcome_of(make_picture_file(500, 750, exif=exif)) is None


def test_broken_metadata_cost_the_metadata_alone() -> None:
    broken = make_picture_file(500, 750, exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 60)
    assert outcome_of(broken) is None


@pytest.mark.parametrize("size", [(12_000, 750), (500, 12_000)])
def test_a_very_long_picture_is_cut_and_not_refused(size: tuple[int, int]) -> None:
    made = make_renditions(make_picture_file(*size, "JPEG", quality=20), "POSTER", FocalPoint(x=1, y=0), ("jpg",))
    assert made.widths[-1] == 500
    assert (made.width, made.height) == size
