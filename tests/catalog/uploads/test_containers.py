"""Which files can be film."""

import zipfile
from io import BytesIO

import pytest

from catalog.uploads.containers import HEAD_LENGTH, bare_name, expected_containers, is_film_type, recognise


def zipped() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("film.mp4", b"x" * 100)
    return packed.getvalue()


PACKET = b"\x47" + bytes(187)


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"\x00\x00\x00\x18ftypisom", "iso"),
        (b"\x00\x00\x00\x08wide\x00\x00", "iso"),
        (b"\x1a\x45\xdf\xa3\x01", "matroska"),
        ((PACKET * 8)[:HEAD_LENGTH], "mpeg-ts"),
        ((b"\x00\x00\x00\x00" + PACKET) * 5, "mpeg-ts"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "avi"),
        (b"FLV\x01\x05", "flv"),
        (b"OggS\x00", "ogg"),
        (b"\x00\x00\x01\xba\x44", "mpeg-ps"),
        (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d", "mxf"),
        (zipped(), None),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"<html><script>alert(1)</script>", None),
        (b"#!/bin/sh", None),
        (b"G" * 100, None),
        (b"G" + b"a text that begins with a G, as 0x47 is one", None),
        (b"", None),
    ],
)
def test_a_container_is_known_by_how_it_begins(head: bytes, container: str | None) -> None:
    assert recognise(head) == container


@pytest.mark.parametrize(
    ("name", "containers"),
    [("a.mp4", ("iso",)), ("A.MKV", ("matroska",)), ("a.mp4.exe", ()), ("mp4", ()), ("", ()), (".mp4", ())],
)
def test_a_name_says_what_the_file_should_be(name: str, containers: tuple[str, ...]) -> None:
    assert expected_containers(name) == containers


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("film.mp4", "film.mp4"),
        ("../../etc/film.mp4", "film.mp4"),
        ("C:\\films\\film.mp4", "film.mp4"),
        ("fi\x00l\nm.mp4", "film.mp4"),
        ("หนัง เรื่อง.mp4", "หนัง เรื่อง.mp4"),
        ("a" * 300 + ".mp4", "a" * 196 + ".mp4"),
        ("..", ""),
        ("", ""),
    ],
)
def test_a_name_is_no_path(written: str, name: str) -> None:
    assert bare_name(written) == name


def test_types_that_browsers_know_no_better_are_taken() -> None:
    assert all(map(is_film_type, ("", "video/mp4", "audio/mp4; codecs=x", "application/octet-stream")))
    assert not any(map(is_film_type, ("text/html", "application/zip", "image/png")))
