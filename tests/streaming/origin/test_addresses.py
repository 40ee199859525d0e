import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.origin.addresses import MediaKind, parse_address
from tests.streaming.origin.media import CONTENTS

TOKEN = "A-z0_9"


@pytest.mark.parametrize("name", [name for name in CONTENTS if name != "index.json"])
def test_the_files_of_a_package_have_addresses(name: str) -> None:
    address = parse_address(f"/m/{TOKEN}/{name}".encode())
    assert address == (TOKEN, name)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("master.m3u8", MediaKind.PLAYLIST),
        ("manifest.mpd", MediaKind.MANIFEST),
        ("v/1.m4s", MediaKind.SEGMENT),
        ("v/init.mp4", MediaKind.HEADER),
        ("c/1.vtt", MediaKind.TEXT),
        ("s/1.jpg", MediaKind.IMAGE),
        ("s/1.webp", MediaKind.IMAGE),
    ],
)
def test_the_ending_says_what_it_is_for(name: str, kind: MediaKind) -> None:
    address = parse_address(f"/m/{TOKEN}/{name}".encode())
    assert address is not None
    assert address.kind is kind


@pytest.mark.parametrize(
    "path",
    [
        "/m/",
        "/m/master.m3u8",
        "/m//master.m3u8",
        "/m/T/",
        "/m/T//master.m3u8",
        "/m/T/index.json",
        "/m/T/v/index.json",
        "/m/T/../master.m3u8",
        "/m/T/v/../../master.m3u8",
        "/m/T/./master.m3u8",
        "/m/T/.master.m3u8",
        "/m/T/v/.m4s",
        "/m/T/v/1.m4s/",
        "/m/T/v/w/1.m4s",
        "/m/T/v/1.m4s.bak",
        "/m/T/v\\1.m4s",
        "/m/T/%2e%2e/master.m3u8",
        "/m/T/%252e%252e%252fmaster.m3u8",
        "/m/T/master%2em3u8",
        "/m/T/master.m3u8%00",
        "/m/T/master.m3u8\0.mp4",
        "/m/T/master.m3u8\n",
        "/m/T/V/1.m4s",
        "/m/T/v/1.M4S",
        "/m/T/v/1.m4s?",
        "/m/T/v/1.m4s;x.m3u8",
        "/m/T/v/\xb2.m4s",
        "/m/T.T/master.m3u8",
        "/m/T%41/master.m3u8",
        "/M/T/master.m3u8",
        "//m/T/master.m3u8",
        "m/T/master.m3u8",
        f"/m/{'T' * 513}/master.m3u8",
        f"/m/T/{'v' * 65}/1.m4s",
        f"/m/T/v/{'1' * 65}.m4s",
        f"/m/T/{'../' * 5000}etc/passwd",
    ],
)
def test_nothing_else_has_an_address(path: str) -> None:
    assert parse_address(path.encode("latin-1")) is None


@given(st.binary(max_size=300))
def test_whatever_follows_names_a_file_of_a_package_or_nothing(tail: bytes) -> None:
    address = parse_address(b"/m/T/" + tail)
    if address is not None:
        assert address.name.encode() == tail
        assert ".." not in address.name
        assert not address.name.startswith("/")
