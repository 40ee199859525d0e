"""Brings the demo's films in, as somebody who uploads them would: their jobs follow by themselves."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from django.conf import settings
from django.db import transaction

from catalog.models import Artwork, Movie, Upload
from catalog.services import artwork, captions, uploads
from catalog.services.artwork import ArtworkPlan
from catalog.services.captions import CaptionPlan
from catalog.services.revisions import lock_movie
from catalog.services.uploads import Announcement, Piece
from portal.errors import PortalError
from portal.models import AuditEntry, User
from streaming.media.demo_films import DEMO_FILMS, LANGUAGES, DemoFilm, build_film, build_poster, format_captions
from streaming.models import Source
from streaming.runtime.executor import ProgramFailed, ProgramStopped, run
from streaming.runtime.limits import Limits

log = structlog.get_logger("nova.demo")
Clock = Callable[[], datetime]
# Many times what it takes on a machine that has much else to do.
_WALL_S = 300
_LIMITS = Limits(wall_s=_WALL_S, silence_s=_WALL_S, memory_bytes=4 * 1024**3, niceness=10)


def movies_without_film() -> list[Movie]:
    """Return the demo movies that wait for their film: nobody has changed them, and none has come in."""
    slugs = [film.movie_slug for film in DEMO_FILMS]
    return [movie for movie in Movie.objects.filter(slug__in=slugs, sources=None) if _is_as_seeded(movie)]


def bring_in_films(
    *, clock: Clock, films: Sequence[DemoFilm] = DEMO_FILMS, is_stopping: Callable[[], bool] = lambda: False
) -> None:
    """Make the films that are missing, one after the other, and upload each in the name of the first administrator.

    A film that cannot be made or is not taken stays missing, which is no harm: a demo must not alarm anybody. When
    this worker is to stop, the rest is left to the next start of the portal, which asks for it again.
    """
    owner = User.objects.filter(is_superuser=True).order_by("pk").first()
    waiting = {movie.slug: movie for movie in movies_without_film()}
    for film in films:
        movie = waiting.get(film.movie_slug)
        if owner is None or movie is None:
            continue
        try:
            _bring_in(film, movie, owner, clock, is_stopping)
        except ProgramStopped:
            log.info("demo.films_put_off", movie=film.movie_slug)
            return
        except (PortalError, ProgramFailed) as error:
            log.warning("demo.film_left_out", movie=film.movie_slug, cause=str(error) or type(error).__name__)


def _bring_in(film: DemoFilm, movie: Movie, owner: User, clock: Clock, is_stopping: Callable[[], bool]) -> None:
    make = partial(run, sinks={}, limits=_LIMITS, keep_running=lambda: not is_stopping())
    with TemporaryDirectory(prefix="nova-demo-") as folder:
        path, poster = Path(folder) / film.file_name, Path(folder) / "poster.jpg"
        ffmpeg = settings.NOVA_FFMPEG
        make(lambda _: build_film(film, ffmpeg_path=ffmpeg, path=str(path)))
        make(lambda _: build_poster(film, ffmpeg_path=ffmpeg, source=str(path), path=str(poster)))
        _hang_up(poster, movie, clock())
        upload = _announce(film, path.stat().st_size, movie, owner, clock())
        if upload is not None:
            with path.open("rb") as content:
                uploads.append_piece(upload_id=upload.pk, piece=Piece(offset_bytes=0, read=content.read), at=clock())
            log.info("demo.film_brought_in", movie=film.movie_slug)


def _hang_up(poster: Path, movie: Movie, at: datetime) -> None:
    """Give the movie its poster, unless it has one. Raises MovieChangedMeanwhile."""
    if not movie.artwork.filter(kind=Artwork.Kind.POSTER).exists():
        plan = ArtworkPlan(kind=Artwork.Kind.POSTER, content=poster.read_bytes())
        artwork.set_artwork(movie_id=movie.pk, plan=plan, by=None, at=at, expected_version=movie.version)


def _announce(film: DemoFilm, size_bytes: int, movie: Movie, owner: User, at: datetime) -> Upload | None:
    """Give the movie its captions and begin an upload; None if somebody else was there while the film was made."""
    with transaction.atomic():
        lock_movie(movie.pk)
        if not _is_as_seeded(movie) or Source.objects.filter(movie=movie).exists():
            return None
        # Left by a worker that was killed at this very moment: none goes on with it.
        for abandoned in Upload.objects.unfinished().filter(movie=movie, owner=owner, file_name=film.file_name):
            uploads.remove_upload(upload_id=abandoned.pk, by=None, at=at)
        _add_captions(film, movie, at)
        announced = Announcement(file_name=film.file_name, size_bytes=size_bytes)
        return uploads.create_upload(announced=announced, owner=owner, at=at, movie_id=movie.pk)


def _add_captions(film: DemoFilm, movie: Movie, at: datetime) -> None:
    """Add those that the movie lacks: before the upload, whose job takes them along."""
    present = set(movie.captions.values_list("language", flat=True))
    for language in LANGUAGES:
        if language not in present:
            plan = CaptionPlan(language=language, content=format_captions(film, language))
            captions.add_caption(movie_id=movie.pk, plan=plan, by=None, at=at)


def _is_as_seeded(movie: Movie) -> bool:
    """Tell whether the trail knows that the seeder made the movie, and of nobody who has changed it since."""
    trail = AuditEntry.objects.filter(object_type=movie._meta.label_lower, object_id=str(movie.pk))
    return trail.filter(action="movie.created").exists() and not trail.exclude(actor_label="").exists()
