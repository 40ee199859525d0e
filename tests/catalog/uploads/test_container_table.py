"""Every ending that is taken against every container that is known: a film is what its name says, or is refused."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.uploads.containers import ENDINGS, HEAD_LENGTH, bare_name, expected_containers, recognise

# How a file of each container begins.
HEADS = {
    "iso": b"\x00\x00\x00\x20ftypmp42",
    "matroska": b"\x1a\x45\xdf\xa3\x9f\x42\x86",
    "mpeg-ts": (b"\x47" + bytes(187)) * 6,
    "mpeg-ps": b"\x00\x00\x01\xba\x44\x00",
    "avi": b"RIFF\x10\x00\x00\x00AVI LIST",
    "mxf": b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01",
    "flv": b"FLV\x01\x05\x00",
    "ogg": b"OggS\x00\x02",
    "asf": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9",
    "gxf": b"\x00\x00\x00\x00\x01\xbc\x00",
}


@pytest.mark.parametrize("container", HEADS)
def test_a_container_is_recognised_as_itself_alone(container: str) -> None:
    assert recognise(HEADS[container]) == container
    assert recognise(HEADS[container] + bytes(HEAD_LENGTH)) == container or container == "mpeg-ts"


@pytest.mark.parametrize("container", HEADS)
def test_half_a_sign_is_none(container: str) -> None:
    assert recognise(HEADS[container][:3]) is None


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ending_stands_for_a_known_container(ending: str) -> None:
    assert set(expected_containers(f"film{ending}")) <= set(HEADS)
    assert expected_containers(f"FILM{ending.upper()}") == expected_containers(f"film{ending}") != ()


def test_no_container_is_known_in_vain() -> None:
    named = {container for ending in ENDINGS for container in expected_containers(f"film{ending}")}
    assert named == set(HEADS)


def test_most_pairs_of_name_and_content_are_refused() -> None:
    taken = [
        (ending, container)
        for ending, container in product(ENDINGS, HEADS)
        if container in expected_containers(f"film{ending}")
    ]
    assert len(taken) == len(ENDINGS)


@given(st.binary(max_size=64))
def test_noise_is_no_film_unless_it_begins_like_one(noise: bytes) -> None:
    found = recognise(noise)
    assert found is None or found in HEADS


@given(st.text(max_size=400))
def test_a_bare_name_has_no_folder_and_no_end_of_line(name: str) -> None:
    bare = bare_name(name)
    assert bare not in {".", ".."}
    assert len(bare) <= 200
    assert not set("/\\\n\r\x00") & set(bare)
    assert bare_name(bare) == bare
