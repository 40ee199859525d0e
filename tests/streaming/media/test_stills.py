import io
from fractions import Fraction

import pytest
from PIL import Image, ImageStat

from streaming.media.errors import BoxViolation
from streaming.media.package_plan import MOST_POSTERS, Posters, Storyboard
from streaming.media.stills import PosterChooser, SheetMaker, StillReader, enlarge

BOARD = Storyboard(interval_s=Fraction(2), width_px=16, height_px=8, columns=3, rows=2)
POSTERS = Posters(of_each=3, interval_s=Fraction(1), width_px=16, height_px=8)


def make_still(colour: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (16, 8), colour).save(written, "JPEG")
    return written.getvalue()


@pytest.mark.parametrize("slice_bytes", [1, 100, 100_000])
def test_pictures_are_found_in_slices_of_any_length(slice_bytes: int) -> None:
    stills = [make_still(colour) for colour in ("red", "green", "blue")]
    pipe, reader = b"".join(stills), StillReader()

    found = [still for at in range(0, len(pipe), slice_bytes) for still in reader.feed(pipe[at : at + slice_bytes])]

    assert found == stills


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(BoxViolation):
        list(StillReader().feed(b"no picture\xff\xd9"))


def test_a_picture_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(BoxViolation):
        list(StillReader().feed(b"\xff\xd8\xff" + bytes(9 * 1024 * 1024)))


def test_pictures_stand_on_sheets_by_rows() -> None:
    maker = SheetMaker(BOARD)
    colours = ["red", "lime", "blue", "yellow", "cyan", "magenta", "white"]

    full = [made for colour in colours if (made := maker.add(make_still(colour)))]
    rest = maker.finish()

    assert len(full) == 1
    with Image.open(io.BytesIO(full[0])) as sheet:
        assert sheet.size == (48, 16)
    # Yellow is the first of the second row: red and green, no blue.
    red, green, blue = mean_of(full[0], (0, 8, 16, 16))
    assert min(red, green) > 200 > 80 > blue
    assert rest is not None
    assert min(mean_of(rest, (0, 0, 16, 8))) > 200
    assert maker.finish() is None


def mean_of(still: bytes, area: tuple[int, int, int, int]) -> list[float]:
    with Image.open(io.BytesIO(still)) as picture:
        return ImageStat.Stat(picture.crop(area)).mean


def choose(*stills: bytes) -> tuple[bytes, ...]:
    chooser = PosterChooser(POSTERS)
    for still in stills:
        chooser.add(still)
    return chooser.finish()


def test_of_each_group_of_frames_the_richest_is_a_poster() -> None:
    assert choose(b"1", b"333", b"22", b"4", b"5", b"66", b"7") == (b"333", b"66", b"7")
    assert choose() == ()


def test_the_same_picture_is_a_poster_once() -> None:
    assert choose(*[b"same"] * 9) == (b"same",)


def test_no_film_has_more_posters_than_an_editor_can_look_at() -> None:
    stills = [bytes([number]) for number in range(100)]
    assert len(choose(*stills)) == MOST_POSTERS


@pytest.mark.parametrize(
    ("smallest", "size"), [((16, 8), (16, 8)), ((32, 8), (32, 16)), ((10, 12), (24, 12)), ((500, 750), (1500, 750))]
)
def test_a_small_frame_is_enlarged_in_its_own_shape(smallest: tuple[int, int], size: tuple[int, int]) -> None:
    enlarged = enlarge(make_still("red"), smallest=smallest)
    with Image.open(io.BytesIO(enlarged)) as picture:
        assert (picture.format, picture.size) == ("JPEG", size)


def test_a_frame_that_is_large_enough_stays_what_it_is() -> None:
    still = make_still("red")
    assert enlarge(still, smallest=(8, 8)) is still
