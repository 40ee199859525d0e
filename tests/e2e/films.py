"""A film on the running portal that players can be tried with, uploaded and packaged as an editor's would be."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.e2e.players import BRIGHTER_PER_S
from tests.e2e.running import Portal
from tests.e2e.tus import TusClient
from tests.streaming.media.sources import H264, make_film

# A movie of the demo that no other test looks at: it has a film from here on, for all that come after.
SLUG = "night-ferry-to-koh-lanta"
DURATION_S = 20
HEIGHTS = (480, 720, 1080)
LANGUAGES = ("en", "th")
CHAPTERS = {0: "The pier", 5: "The open sea", 12: "Land"}
# Each cue says which second it begins at.
CUES = ((1, 4), (6, 9), (11, 14), (16, 19))
PATIENCE_S = 180

# Few pictures, which are drawn small and say by their brightness which second they are of.
_PICTURE = (
    f"-f lavfi -i color=c=black:s=32x18:r=10:d={DURATION_S},format=yuv420p,"
    f"geq=lum='16+{BRIGHTER_PER_S}*T':cb=128:cr=128,scale=1920:1080:flags=neighbor"
)
_SOUNDS = " ".join(f"-f lavfi -i sine=f={hertz}:d={DURATION_S}:sample_rate=48000" for hertz in (220, 440))
_CODED = f"{H264.replace('-g 25', '-g 10')} -c:a aac -ac 2 -metadata:s:a:0 language=eng -metadata:s:a:1 language=tha"


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film that can be played on the page of its movie."""

    slug: str
    path: str
    duration_s: int = DURATION_S


def bring_in_film(portal: Portal, folder: Path) -> Film:
    """Upload a film of three rungs, with two languages to hear, two to read, and chapters; wait for its package."""
    with signed_in(portal) as client:
        for number, language in enumerate(LANGUAGES):
            add_captions(client, language, is_default=number == 0)
        upload(portal, draw_film(folder))
        wait_for_package(client)
    return Film(slug=SLUG, path=f"/movies/{SLUG}/")


def draw_film(folder: Path) -> Path:
    chapters = folder / "chapters.txt"
    starts = [*CHAPTERS, DURATION_S]
    chapters.write_text(
        ";FFMETADATA1\n"
        + "".join(
            f"[CHAPTER]\nTIMEBASE=1/1\nSTART={start}\nEND={end}\ntitle={title}\n"
            for (start, title), end in zip(CHAPTERS.items(), starts[1:], strict=True)
        )
    )
    inputs = f"{_PICTURE} {_SOUNDS} -i {chapters.name} -map_metadata 3 -map 0:v -map 1:a -map 2:a"
    return make_film(folder, f"{inputs} {_CODED}")


@contextmanager
def signed_in(portal: Portal) -> Iterator[httpx.Client]:
    """Give a client of the API that may do all that an administrator may."""
    with httpx.Client(base_url=f"{portal.url}/api/v1/", timeout=30) as client:
        credentials = {"username": "admin", "password": portal.password}
        token = client.post("auth/token/", json=credentials).raise_for_status().json()["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def add_captions(client: httpx.Client, language: str, *, is_default: bool) -> None:
    cues = "".join(f"00:{start:02}.000 --> 00:{end:02}.000\n{language} at {start}\n\n" for start, end in CUES)
    said = {"language": language, "kind": "CAPTIONS", "is_default": str(is_default).lower()}
    file = {"file": (f"{language}.vtt", f"WEBVTT\n\n{cues}".encode(), "text/vtt")}
    client.post(f"movies/{SLUG}/captions/", data=said, files=file).raise_for_status()


def upload(portal: Portal, path: Path) -> None:
    tus = TusClient.sign_in(portal.url, username="admin", password=portal.password)
    content = path.read_bytes()
    address = tus.begin(size_bytes=len(content), said={"filename": path.name, "movie": SLUG})
    tus.send(address, content, offset=0)


def wait_for_package(client: httpx.Client) -> None:
    """Wait until the film is whole: all rungs, and the pictures of the storyboard."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        answer = client.post(f"movies/{SLUG}/playback/")
        if answer.status_code == 201 and answer.json()["is_whole"]:
            return
        time.sleep(1.5)
    pytest.fail(f"no package in {PATIENCE_S} s: {client.get('jobs/').text}")
