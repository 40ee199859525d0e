"""Files that are made to do harm: nothing but the file itself is read, and neither time nor memory is without end."""

import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from portal import clock
from portal.models import AuditEntry
from streaming.models import Package, PackagingJob
from streaming.runtime import probing
from streaming.runtime.limits import Limits
from streaming.services import packaging, packaging_run
from tests.streaming.media.clips import run
from tests.streaming.media.sources import FFMPEG, H264, PICTURE, make_film
from tests.streaming.services.packaging_way import make_small_ladder, package, upload
from tests.streaming.services.stumbling import StumblingFFmpeg

# The lease is kept from a thread of its own, which sees only what is committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ffmpeg]

State = PackagingJob.State
# Some are known for what they are, others for nothing at all.
REFUSED = ("refused-reference", "source-unreadable")


@pytest.fixture(autouse=True)
def ladder(transactional_db: None) -> None:
    make_small_ladder()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server of this machine that nobody else knows of, such as a database."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def was_called(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def playlist(uri: str) -> str:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{uri}\n#EXT-X-ENDLIST\n"


def key_playlist(uri: str) -> str:
    return playlist("film.ts").replace("#EXTINF", f'#EXT-X-KEY:METHOD=AES-128,URI="{uri}"\n#EXTINF')


def concat_script(uri: str) -> str:
    return f"ffconcat version 1.0\nfile '{uri}'\n"


def manifest(uri: str) -> str:
    segments = f'<SegmentList duration="1"><SegmentURL media="{uri}"/></SegmentList>'
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        f'mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" '
        f'bandwidth="1">{segments}</Representation></AdaptationSet></Period></MPD>'
    )


def drawing(uri: str) -> str:
    return (
        f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "{uri}">]>'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><image href="{uri}"/><text>&x;</text></svg>'
    )


def session_description(uri: str) -> str:
    port = uri.rpartition(":")[2].partition("/")[0]
    return f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n"


SCRIPTS = (playlist, key_playlist, concat_script, manifest, drawing, session_description)


def test_a_script_that_leads_to_the_network_calls_nobody(
    tmp_path: Path, listener: socket.socket, subtests: pytest.Subtests
) -> None:
    film = tmp_path / "film"
    for script in SCRIPTS:
        with subtests.test(script.__name__):
            film.write_text(script(f"http://127.0.0.1:{listener.getsockname()[1]}/film.mp4"), encoding="utf-8")
            job = package(upload(film))
            assert (job.state, job.failure_code in REFUSED) == (State.FAILED, True)
            assert not was_called(listener)


def test_a_script_that_leads_to_another_film_does_not_become_it(tmp_path: Path, subtests: pytest.Subtests) -> None:
    secret, film = make_film(tmp_path, name="secret.mp4"), tmp_path / "film"
    for script in (playlist, concat_script, manifest):
        with subtests.test(script.__name__):
            film.write_text(script(f"file://{secret}"), encoding="utf-8")
            job = package(upload(film))
            assert (job.state, job.failure_code in REFUSED) == (State.FAILED, True)
    assert not Package.objects.playable().exists()


def alias(path: Path) -> bytes:
    """Write where QuickTime finds the samples of a track: an alias record of a Macintosh, with the whole path."""
    place = str(path).encode()
    names = struct.pack(">10xB27s12xB63s16x2h16x", 0, b"", 0, b"", 0, 0)
    record = names + struct.pack(">2h", 2, len(place)) + place + bytes(len(place) % 2) + struct.pack(">2h", -1, 0)
    return struct.pack(">I4sI", len(record) + 12, b"alis", 0) + record


def with_samples_elsewhere(film: bytes, path: Path) -> bytes:
    """Let every track of a film, whose header is its end, have its samples in another file."""
    at = film.index(b"moov") - 4
    media, header = film[:at], film[at:]
    own = b"\0\0\0\x1cdref\0\0\0\0\0\0\0\x01\0\0\0\x0curl \0\0\0\x01"
    entry = alias(path)
    elsewhere = struct.pack(">I4sII", len(entry) + 16, b"dref", 0, 1) + entry
    parents = (b"moov", b"trak", b"mdia", b"minf", b"dinf")
    for _ in range(header.count(own)):
        place = header.index(own)
        longer = bytearray(header)
        for parent in parents:
            box = header.rindex(parent, 0, place) - 4
            (size,) = struct.unpack_from(">I", longer, box)
            struct.pack_into(">I", longer, box, size + len(elsewhere) - len(own))
        header = bytes(longer[:place]) + elsewhere + bytes(longer[place + len(own) :])
    return media.replace(media[48:], bytes(len(media) - 48)) + header


def test_a_film_whose_samples_are_in_another_file_does_not_get_them(tmp_path: Path) -> None:
    secret = make_film(tmp_path, f"{PICTURE} {H264}", name="secret.mp4")
    film = tmp_path / "film.mov"
    film.write_bytes(with_samples_elsewhere(secret.read_bytes(), secret))
    # It would, if FFmpeg were let.
    drawn = ("-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-")
    assert len(run("-enable_drefs", "1", "-use_absolute_path", "1", "-i", film, *drawn)) == 128 * 72

    job = package(upload(film))

    assert job.state == State.FAILED
    assert not Package.objects.playable().exists()


def test_a_film_that_names_another_one_as_its_next_part_stays_by_itself(tmp_path: Path) -> None:
    make_film(tmp_path, f"{PICTURE} {H264} -t 1", name="part2.mkv")
    film = make_film(tmp_path, f"{PICTURE} {H264} -g 12 -metadata title=part2.mkv.mkv", name="film.mkv")
    content = film.read_bytes()
    # Matroska's Title becomes its NextFilename, whose name is a byte longer.
    title = b"\x7b\xa9\x8dpart2.mkv.mkv"
    linked = content.replace(title, b"\x3e\x83\xbb\x8cpart2.mkv.mk")
    assert linked != content
    film.write_bytes(linked)

    job = package(upload(film))

    assert job.state == State.SUCCEEDED
    assert Package.objects.get().duration_s == pytest.approx(1, abs=0.1)


# --- time and memory --------------------------------------------------------------------------------------------------


def test_a_film_that_makes_ffmpeg_hang_fails_with_that_cause(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packaging_run, "_SILENCE_S", 1)
    settings.NOVA_FFMPEG = str(StumblingFFmpeg(tmp_path, at=1, mishap="exec sleep 600").path)

    job = package(upload(make_film(tmp_path)))

    assert (job.state, job.failure_code) == (State.FAILED, "hung")
    assert not packaging.package_next(clock=clock.now)


def test_a_film_that_makes_ffprobe_hang_fails_with_that_cause(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "_LIMITS", Limits(wall_s=60, silence_s=1, memory_bytes=4 * 1024**3))
    settings.NOVA_FFPROBE = str(StumblingFFmpeg(tmp_path, at=1, mishap="exec sleep 600").path)

    job = package(upload(make_film(tmp_path)))

    assert (job.state, job.failure_code) == (State.FAILED, "hung")


def test_a_film_that_goes_on_for_ever_fails_with_that_cause(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packaging_run, "_LEAST_WALL_S", 1)
    monkeypatch.setattr(packaging_run, "_WALL_PER_S", 1)
    settings.NOVA_FFMPEG = str(StumblingFFmpeg(tmp_path, at=1, mishap="while sleep 0.1; do echo . >&2; done").path)

    job = package(upload(make_film(tmp_path)))

    assert (job.state, job.failure_code) == (State.FAILED, "took-too-long")


def interruptions() -> list[str]:
    return [entry.after["cause"] for entry in AuditEntry.objects.filter(action="packaging_job.interrupted")]


def test_a_film_that_makes_ffmpeg_eat_memory_is_interrupted_and_tried_again(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filter that keeps every picture stands for a film that needs them all; the limit is lower than usual."""
    monkeypatch.setattr(packaging_run, "_MEMORY_BYTES", 1024**3)
    # One pass would be given up for being slow, on a slow machine.
    settings.NOVA_PACKAGING_PASSES = "two"
    greedy = f'exec "{FFMPEG}" -loglevel level+error -filter_complex nullsrc=s=8192x8192,reverse -f null -'
    settings.NOVA_FFMPEG = str(StumblingFFmpeg(tmp_path, at=1, mishap=greedy).path)

    job = package(upload(make_film(tmp_path)))

    # The machine may have more of it another time.
    assert (job.state, job.attempt, interruptions()) == (State.QUEUED, 1, ["memory"])


@pytest.mark.parametrize(
    ("complaint", "cause"),
    [("Error during demuxing: Out of memory", "memory"), ("Input/output error", "source-missing")],
)
def test_a_film_that_ffmpeg_could_not_read_to_its_end_is_not_taken_for_a_short_one(
    tmp_path: Path, settings: Settings, complaint: str, cause: str
) -> None:
    """It ends as if nothing were wrong, which a second of nine stands for."""
    cut_short = f'echo "[in#0 @ 0x1] [error] {complaint}" >&2; exec "{FFMPEG}" -t 1 "$@"'
    settings.NOVA_FFMPEG = str(StumblingFFmpeg(tmp_path, at=1, mishap=cut_short).path)

    job = package(upload(make_film(tmp_path, f"-f lavfi -i testsrc2=s=128x72:r=25:d=9 {H264}")))

    assert (job.state, interruptions()) == (State.QUEUED, [cause])
    assert not Package.objects.playable().filter(state=Package.State.READY).exists()
