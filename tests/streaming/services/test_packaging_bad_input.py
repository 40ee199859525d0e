"""What is no film, or lies: the job ends with its cause, nothing plays, the file is kept, and the worker goes on."""

import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from portal import clock
from streaming.models import Package, PackagingJob
from streaming.services import packaging
from tests.streaming.media.clips import run
from tests.streaming.media.sources import FULL, H264, PICTURE, SOUND, make_film
from tests.streaming.services.packaging_way import folder_of, make_small_ladder, package, upload

# The lease is kept from a thread of its own, which sees only what is committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ffmpeg]

State = PackagingJob.State
_DURATION = b"\x44\x89\x88"
HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
def ladder(transactional_db: None) -> None:
    make_small_ladder()


def empty(folder: Path) -> Path:
    (folder / "film.mp4").touch()
    return folder / "film.mp4"


def random_bytes(folder: Path) -> Path:
    path = folder / "film.mkv"
    path.write_bytes(random.Random(4).randbytes(300_000))
    return path


def text(folder: Path) -> Path:
    path = folder / "film.mp4"
    path.write_text("This is a letter, and no film at all.\n" * 500, encoding="utf-8")
    return path


def playlist(folder: Path) -> Path:
    """Make a file that would have FFmpeg open another one."""
    path = folder / "film.mp4"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n", encoding="utf-8")
    return path


def cut_off(folder: Path, *, options: str, name: str, kept: float) -> Path:
    long = "-f lavfi -i testsrc2=s=128x72:r=25:d=6 -f lavfi -i sine=d=6:sample_rate=48000"
    film = make_film(folder, f"{long} {H264} -c:a aac -ac 2 {options}", name=name)
    content = film.read_bytes()
    film.write_bytes(content[: int(len(content) * kept)])
    return film


def without_its_index(folder: Path) -> Path:
    return cut_off(folder, options="", name="film.mp4", kept=0.9)


def without_its_second_half(folder: Path) -> Path:
    return cut_off(folder, options="-movflags +faststart", name="film.mp4", kept=0.5)


def matroska_without_its_second_half(folder: Path) -> Path:
    return cut_off(folder, options="", name="film.mkv", kept=0.5)


def encrypted(folder: Path) -> Path:
    film, locked = make_film(folder, FULL), folder / "locked.mp4"
    run(
        *(f"in={film},stream=video,output={locked}", "--enable_raw_key_encryption", "--protection_scheme", "cenc"),
        *("--keys", "label=:key_id=00112233445566778899aabbccddeeff:key=ffeeddccbbaa99887766554433221100"),
        *("--clear_lead", "0"),
        program="packager",
    )
    return locked


def lie(folder: Path, *, length_ms: float, tags: bytes = b"DURATION") -> Path:
    """Make a film of a second whose header tells another length, as do its tags unless they are called otherwise."""
    film = make_film(folder, f"{PICTURE} {SOUND} {H264} -c:a aac -ac 2", name="film.mkv")
    content = film.read_bytes()
    at = content.index(_DURATION) + len(_DURATION)
    content = content[:at] + struct.pack(">d", length_ms) + content[at + 8 :]
    film.write_bytes(content.replace(b"DURATION", tags))
    return film


def thirty_hours(folder: Path) -> Path:
    return lie(folder, length_ms=30 * HOUR_MS, tags=b"DURATIOM")


def sixteen_thousand_pixels_wide(folder: Path) -> Path:
    film = make_film(folder, "-f lavfi -i color=red:s=512x288:r=1:d=1 -c:v rawvideo -pix_fmt yuv420p", name="film.mkv")
    content = film.read_bytes()
    head, rest = content[:2000], content[2000:]
    wide = head.replace(b"\xb0\x82\x02\x00", b"\xb0\x82\x40\x00").replace(b"\xba\x82\x01\x20", b"\xba\x82\x21\xc0")
    assert wide != head
    film.write_bytes(wide + rest)
    return film


def notes_of(job: PackagingJob) -> list[dict[str, Any]]:
    assert job.plan is not None
    notes: list[dict[str, Any]] = job.plan["notes"]
    return notes


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (empty, "source-unreadable"),
        (random_bytes, "source-unreadable"),
        (text, "source-unreadable"),
        (playlist, "source-unreadable"),
        (without_its_index, "truncated"),
        (without_its_second_half, "truncated"),
        (matroska_without_its_second_half, "truncated"),
        (encrypted, "source-encrypted"),
        (thirty_hours, "source-too-long"),
        (sixteen_thousand_pixels_wide, "source-too-large"),
    ],
)
def test_what_cannot_be_packaged_fails_with_its_cause(tmp_path: Path, make: Callable[[Path], Path], code: str) -> None:
    source = upload(make(tmp_path))

    job = package(source)

    assert (job.state, job.failure_code, job.attempt) == (State.FAILED, code, 1)
    assert not Package.objects.playable().exists()
    assert default_storage.exists(source.storage_key)
    # The worker is still there, and sees that nothing else waits.
    assert not packaging.package_next(clock=clock.now)


def test_a_film_that_is_shorter_than_its_header_says_is_packaged_with_a_warning(tmp_path: Path) -> None:
    job = package(upload(lie(tmp_path, length_ms=HOUR_MS, tags=b"DURATIOM")))

    assert (job.state, job.failure_code) == (State.SUCCEEDED, "")
    assert {"code": "shorter-than-told"} in job.warnings
    assert Package.objects.get().duration_s == pytest.approx(1, abs=0.1)


def test_a_header_that_its_tracks_contradict_is_not_believed(tmp_path: Path) -> None:
    job = package(upload(lie(tmp_path, length_ms=30 * HOUR_MS)))

    assert job.state == State.SUCCEEDED
    assert ["lengths-differ"] in [note["values"] for note in notes_of(job)]
    assert {"code": "shorter-than-told"} not in job.warnings


def test_of_thirty_tracks_of_sound_twelve_are_taken(tmp_path: Path) -> None:
    languages = (
        "ara ben bul cat ces dan deu ell eng est fin fra heb hin hrv hun ind ita jpn kor lav lit msa nld nor pol"
    )
    tracks = [*languages.split(), "por", "ron", "rus", "spa"]
    assert len(tracks) == 30
    tags = " ".join(f"-metadata:s:a:{number} language={language}" for number, language in enumerate(tracks))
    film = make_film(tmp_path, f"{PICTURE} {SOUND} -map 0 {'-map 1 ' * 30} {H264} -c:a aac {tags}", name="film.mkv")

    job = package(upload(film))

    assert job.state == State.SUCCEEDED
    assert len(Package.objects.get().index["audio"]) == 12
    assert [note["code"] for note in notes_of(job)].count("audio-left-out") == 18


def test_key_frames_further_apart_than_was_seen_make_the_film_be_encoded(tmp_path: Path) -> None:
    """Those of the first minute are looked at; behind it is half a minute with a single one."""
    keys = "expr:if(lt(t,61),gte(t,n_forced*2),0)"
    film = make_film(
        tmp_path,
        "-f lavfi -i testsrc2=s=64x36:r=5:d=90 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -sc_threshold 0 "
        f"-g 1000 -force_key_frames {keys}",
    )

    job = package(upload(film))

    assert (job.state, job.failure_code) == (State.SUCCEEDED, "")
    assert "encoded-copy-fault" in [note["code"] for note in notes_of(job)]
    made = Package.objects.get(state=Package.State.READY)
    assert len(made.index["video"][0]["segments"]) == 23
    assert (folder_of(made) / "manifest.mpd").exists()
    # What players were told of before is not theirs to keep: its segments are others.
    assert not Package.objects.exclude(pk=made.pk).exclude(state=Package.State.RETIRED).exists()
