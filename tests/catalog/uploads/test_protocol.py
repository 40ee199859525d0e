"""The words of tus 1.0."""

import base64
import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.uploads.protocol import Malformed, parse_checksum, parse_metadata, parse_number


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(("text", "number"), [("0", 0), (" 42 ", 42), ("21474836480", 20 * 1024**3)])
def test_numbers_may_be_large(text: str, number: int) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", [None, "", "-1", "+1", "1.5", "1e9", "0x10", "٣", "1 2", "9" * 20, "1_000", "0\x1f"])
def test_what_is_no_number_of_bytes_is_malformed(text: str | None) -> None:
    with pytest.raises(Malformed):
        parse_number(text)


def test_metadata_are_keys_with_values_in_base64() -> None:
    said = parse_metadata(f"filename {encoded('หนัง.mp4')}, filetype {encoded('video/mp4')},is_draft,empty ")

    assert said == {"filename": "หนัง.mp4", "filetype": "video/mp4", "is_draft": "", "empty": ""}
    assert parse_metadata(None) == parse_metadata("") == {}


@pytest.mark.parametrize(
    "text",
    [
        "filename !!!!",
        "filename YQ== YQ==",
        "filename YQ==,filename Yg==",
        "filename /w==",
        ",",
        "file\x00name YQ==",
        "ชื่อ YQ==",
        "a " + "A" * 5000,
        ",".join(f"k{number}" for number in range(21)),
        "k" * 101,
    ],
)
def test_metadata_of_another_form_are_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        parse_metadata(text)


@given(st.dictionaries(st.text("abcdefXYZ0_-.", min_size=1, max_size=20), st.text(max_size=60), max_size=10))
def test_whatever_a_client_says_is_read_back(said: dict[str, str]) -> None:
    text = ",".join(f"{key} {encoded(value)}" if value else key for key, value in said.items())
    assert parse_metadata(text) == said


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(text: str) -> None:
    for parse in (parse_number, parse_metadata, parse_checksum):
        with contextlib.suppress(Malformed):
            parse(text)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_checksum_names_its_algorithm(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"piece").digest()

    found = parse_checksum(f"{algorithm} {base64.b64encode(digest).decode()}")

    assert found is not None
    assert (found.algorithm, found.digest) == (algorithm, digest)
    assert parse_checksum(None) is None


@pytest.mark.parametrize("text", ["", "md5 YQ==", "sha1", "sha1 YQ==", "sha1 !!", "SHA1 " + "A" * 28])
def test_a_checksum_of_another_form_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        parse_checksum(text)
