"""How the benchmark of packaging tells a whole package from one that is not."""

from pathlib import Path

import pytest

from benchmarks.packaged_films.whole import faults_of
from tests.benchmarks.test_packaging import write_package

SECONDS = 20


@pytest.fixture
def package(tmp_path: Path) -> Path:
    write_package(tmp_path / "package")
    return tmp_path / "package"


def test_a_whole_package_has_no_fault(package: Path) -> None:
    assert faults_of(package, seconds=SECONDS) == []


@pytest.mark.parametrize("name", ["master.m3u8", "manifest.mpd", "index.json", "v/index.m3u8", "v/init.mp4", "v/5.m4s"])
def test_every_file_that_is_named_must_be_there(package: Path, name: str) -> None:
    (package / name).unlink()
    faults = faults_of(package, seconds=SECONDS)
    assert any(fault.startswith(name) and "missing" in fault for fault in faults), faults


def test_an_empty_segment_is_a_fault(package: Path) -> None:
    (package / "v" / "4.m4s").write_bytes(b"")
    assert faults_of(package, seconds=SECONDS) == ["v/4.m4s is missing or empty"]


def test_a_playlist_that_still_grows_is_a_fault(package: Path) -> None:
    playlist = package / "v" / "index.m3u8"
    playlist.write_text(playlist.read_text().replace("#EXT-X-ENDLIST\n", ""))
    assert faults_of(package, seconds=SECONDS) == ["v/index.m3u8 has no end"]


def test_a_package_that_is_shorter_than_its_film_is_a_fault(package: Path) -> None:
    assert faults_of(package, seconds=SECONDS + 4) == ["v/index.m3u8 lasts 20.00 s"]


@pytest.mark.parametrize("name", ["v/6.m4s", "v/.5.m4s.0badcafe", ".index.json.0badcafe", "storyboard/.1.jpg.0badcafe"])
def test_a_file_that_nothing_names_is_stray(package: Path, name: str) -> None:
    path = package / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("left behind")
    assert faults_of(package, seconds=SECONDS) == [f"{name} is stray"]


@pytest.mark.parametrize("name", ["storyboard/1.jpg", "storyboard/storyboard.vtt", "posters/1.jpg"])
def test_pictures_are_no_strays_though_playlists_do_not_name_them(package: Path, name: str) -> None:
    (package / name).parent.mkdir()
    (package / name).write_text("a picture")
    assert faults_of(package, seconds=SECONDS) == []


def test_addresses_in_attributes_count_too(package: Path) -> None:
    master = package / "master.m3u8"
    master.write_text(f'{master.read_text()}#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="a1/index.m3u8"\n')
    assert "a1/index.m3u8 is missing" in faults_of(package, seconds=SECONDS)
