"""The demo's films: each is made by the real FFmpeg, and is what it promises."""

import subprocess
from array import array
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from catalog.captions.reading import read_captions
from streaming.media.demo_films import DEMO_FILMS, LANGUAGES, DemoFilm, build_film, build_poster, format_captions
from streaming.media.streams import ProbeResult
from tests.streaming.media.sources import FFMPEG, PATIENCE_S, probe_film

every_film = pytest.mark.parametrize("film", DEMO_FILMS, ids=lambda film: film.movie_slug)


def make(film: DemoFilm, folder: Path, *, duration_s: int = 2) -> Path:
    """Make the beginning of a film."""
    path = folder / film.file_name
    argv = build_film(replace(film, duration_s=duration_s), ffmpeg_path=FFMPEG, path=str(path))
    subprocess.run(argv, check=True, timeout=PATIENCE_S)
    return path


def raw(path: Path, *options: str) -> bytes:
    argv = [FFMPEG, "-v", "error", "-i", str(path), *options, "pipe:1"]
    return subprocess.run(argv, check=True, timeout=PATIENCE_S, capture_output=True).stdout


def channels(path: Path) -> tuple["array[int]", "array[int]"]:
    """Return the samples of the left ear and those of the right."""
    samples = array("h", raw(path, "-vn", "-f", "s16le"))
    return samples[::2], samples[1::2]


def stills(path: Path) -> list[bytes]:
    """Return four small pictures of each second."""
    content = raw(path, "-vf", "fps=4,scale=16:16,format=gray", "-f", "rawvideo")
    return [content[at : at + 256] for at in range(0, len(content), 256)]


def loudness(samples: "array[int]") -> float:
    return sum(map(abs, samples)) / len(samples)


@pytest.mark.ffmpeg
@every_film
def test_a_film_moves_and_each_ear_hears_something_of_its_own(tmp_path: Path, film: DemoFilm) -> None:
    path = make(film, tmp_path)

    found: ProbeResult = probe_film(path)
    assert found.video is not None
    assert (found.video.width_px, found.video.frame_rate) == (1280, Fraction(film.frame_rate))
    assert [audio.channels for audio in found.audio] == [2]
    left, right = channels(path)
    apart = array("h", (max(-32768, min(32767, a - b)) for a, b in zip(left, right, strict=True)))
    assert min(loudness(left), loudness(right)) > 200
    assert loudness(apart) > 0.3 * loudness(left)
    pictures = stills(path)
    assert len(pictures) >= 7
    assert len(set(pictures)) == len(pictures)
    # Neither black nor white, nor of one colour.
    assert all(max(picture) - min(picture) > 20 for picture in pictures)


@pytest.mark.ffmpeg
@every_film
def test_a_poster_is_an_upright_frame_of_the_film(tmp_path: Path, film: DemoFilm) -> None:
    source, poster = make(film, tmp_path), tmp_path / "poster.jpg"
    argv = build_poster(replace(film, poster_s=1), ffmpeg_path=FFMPEG, source=str(source), path=str(poster))
    subprocess.run(argv, check=True, timeout=PATIENCE_S)

    with Image.open(poster) as picture:
        assert (picture.format, picture.size) == ("JPEG", (720, 1080))


def test_films_are_passed_through_and_encoded_each_at_least_once() -> None:
    codecs = [film.encoding["c:v"] for film in DEMO_FILMS]
    assert "libx264" in codecs
    assert set(codecs) != {"libx264"}


@every_film
@pytest.mark.parametrize("language", LANGUAGES)
def test_captions_are_without_fault_and_end_before_the_film(film: DemoFilm, language: str) -> None:
    captions = read_captions(format_captions(film, language), language=language, runtime_s=film.duration_s)

    assert captions.warning_count == 0
    assert [(cue.start_ms, cue.end_ms) for cue in captions.cues] == [
        (line.from_s * 1000, line.to_s * 1000) for line in film.lines
    ]
    assert captions.cues[-1].end_ms <= film.duration_s * 1000


@every_film
def test_a_film_is_of_twenty_to_forty_seconds_and_its_poster_is_one_of_its_frames(film: DemoFilm) -> None:
    assert 20 <= film.duration_s <= 40
    assert film.poster_s < film.duration_s
