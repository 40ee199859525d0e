"""Plain functions that make what a test needs; every value can be overridden."""

import io
import itertools
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from catalog.captions.reading import read_captions
from catalog.captions.webvtt import format_webvtt
from catalog.models import Artwork, AvailabilityWindow, Caption, Credit, Genre, Movie, Person, Tag, Upload
from catalog.services import search_index
from portal import clock
from portal.accounts import roles
from portal.accounts.roles import Role
from portal.ids import uuid7
from portal.models import User
from streaming.models import Channel, Package, PackagingJob, PlannedStream, Source, Stream
from streaming.services import jobs
from streaming.services.live import LEASE
from streaming.services.sources import SourceReceiver
from streaming.services.stream_keys import IssuedKey, issue_stream_key

_numbers = itertools.count(1)

PASSWORD = "correct horse battery"
AT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def make_user(*held: Role, **overrides: Any) -> User:
    """Make a person with these roles. Without `password` nobody can sign in by one: hashing takes its time."""
    number = next(_numbers)
    fields: dict[str, Any] = {"username": f"person-{number}", "email": f"person-{number}@example.com", **overrides}
    user = User.objects.create_user(**fields)
    for role in held:
        roles.assign(user, role, by=None, at=clock.now())
    return User.objects.get(pk=user.pk)


def make_genre(**overrides: Any) -> Genre:
    number = next(_numbers)
    genre = Genre.objects.create(**{"name": f"Genre {number}", "slug": f"genre-{number}"} | overrides)
    search_index.index_genres([genre])
    return genre


def make_movie(*, genres: tuple[Genre, ...] = (), tags: tuple[Tag, ...] = (), **overrides: Any) -> Movie:
    """Make a published movie; `visibility="DRAFT"` makes one that nobody has seen."""
    number = next(_numbers)
    is_draft = overrides.get("visibility") == Movie.Visibility.DRAFT
    values = {
        "title": f"Movie {number}",
        "slug": f"movie-{number}",
        "synopsis": "Somebody wants something badly and has trouble getting it.",
        "year": 2020,
        "runtime_s": 5640,
        "visibility": Movie.Visibility.PUBLISHED,
        "published_at": None if is_draft else AT,
        "first_available_at": None if is_draft else overrides.get("published_at", AT),
        "created_at": AT,
        "updated_at": AT,
    }
    movie = Movie.objects.create(**values | overrides)
    movie.genres.set(genres)
    movie.tags.set(tags)
    movie.slugs.create(slug=movie.slug)
    search_index.index_movies([movie.pk])
    return movie


def make_window(movie: Movie, **overrides: Any) -> AvailabilityWindow:
    """Open a movie from AT on, everywhere and without an end."""
    return movie.windows.create(**{"starts_at": AT} | overrides)


def make_person(**overrides: Any) -> Person:
    number = next(_numbers)
    values = {"name": f"Person {number}", "slug": f"person-{number}", "created_at": AT, "updated_at": AT}
    person = Person.objects.create(**values | overrides)
    search_index.index_people([person])
    return person


def make_credit(movie: Movie, person: Person | None = None, **overrides: Any) -> Credit:
    """Bill somebody after those of the same role."""
    role = overrides.get("role", Credit.Role.CAST)
    values = {"role": role, "billing": movie.credits.filter(role=role).count() + 1}
    credit = movie.credits.create(person=person or make_person(), **values | overrides)
    search_index.index_movies([movie.pk])
    return credit


def make_tag(**overrides: Any) -> Tag:
    number = next(_numbers)
    tag = Tag.objects.create(**{"name": f"tag {number}", "slug": f"tag-{number}"} | overrides)
    search_index.index_tags([tag])
    return tag


# Two cues that nothing is wrong with.
SRT = b"""1
00:00:01,000 --> 00:00:03,000
The signal is gone.

2
00:00:04,500 --> 00:00:06,000
Then so are we.
"""


def make_caption(movie: Movie, **overrides: Any) -> Caption:
    """Give a movie English subtitles, those of SRT."""
    values = {
        "language": "en",
        "kind": Caption.Kind.SUBTITLES,
        "label": "English",
        "webvtt": format_webvtt(read_captions(SRT).cues),
        "cue_count": 2,
        "source_format": Caption.SourceFormat.SRT,
        "source_encoding": "utf-8",
        "created_at": AT,
        "updated_at": AT,
    }
    return Caption.objects.create(movie=movie, **values | overrides)


def make_upload(**overrides: Any) -> Upload:
    """Make the row of an upload, half of which has come; with `state="FINISHED"`, all of it. It has no bytes."""
    key = uuid7(AT)
    is_whole = overrides.get("state") in ("FINISHED", "CORRUPT")
    values = {
        "id": key,
        "file_name": "film.mkv",
        "size_bytes": 42_000_000,
        "offset_bytes": 42_000_000 if is_whole else 21_000_000,
        "container": "matroska" if is_whole else "",
        "storage_key": f"sources/{key}/original.mkv",
        "created_at": AT,
        "touched_at": AT,
        "finished_at": AT if is_whole else None,
        "expires_at": AT + timedelta(days=2),
    }
    if "owner" not in overrides:
        overrides["owner"] = make_user(Role.EDITOR)
    return Upload.objects.create(**values | overrides)


def receive_source(upload: Upload) -> Source:
    """Keep a source for a finished upload, as its app does."""
    SourceReceiver().receive(upload, at=AT)
    return Source.objects.get(pk=upload.pk)


def make_channel(**overrides: Any) -> Channel:
    number = next(_numbers)
    values = {"slug": f"channel-{number}", "title": f"Channel {number}", "created_at": AT}
    if "owner" not in overrides:
        overrides["owner"] = make_user(Role.BROADCASTER)
    return Channel.objects.create(**values | overrides)


def make_stream_key(**overrides: Any) -> IssuedKey:
    """Issue a key as a broadcaster gets it, with its secret."""
    if "channel" not in overrides:
        overrides["channel"] = make_channel()
    return issue_stream_key(**{"label": "OBS", "by": None, "at": AT} | overrides)


def make_source(**overrides: Any) -> Source:
    """Make a source that waits to be packaged; its file is not there."""
    key = overrides.setdefault("id", uuid7(AT))
    values = {
        "state": Source.State.WAITING,
        "file_name": "film.mkv",
        "size_bytes": 42,
        "container": "matroska",
        "storage_key": f"sources/{key}/original.mkv",
        "created_at": AT,
    }
    return Source.objects.create(**values | overrides)


def make_job(source: Source | None = None, **overrides: Any) -> PackagingJob:
    """Queue a job; with `state="RUNNING"` or another one it stands as workers leave it."""
    job = jobs.enqueue_job(source_id=(source or make_source(movie=make_movie())).pk, by=None, at=AT)
    state = overrides.get("state", "QUEUED")
    values: dict[str, Any] = {"attempt": 0 if state == "QUEUED" else 1}
    if state == "RUNNING":
        values |= {"lease": uuid7(AT), "lease_expires_at": AT, "started_at": AT, "step": "FIRST"}
    elif state != "QUEUED":
        values |= {"finished_at": AT, "failure_code": "truncated" if state == "FAILED" else ""}
    PackagingJob.objects.filter(pk=job.pk).update(**values | overrides)
    return PackagingJob.objects.select_related("source").get(pk=job.pk)


def make_package(source: Source | None = None, **overrides: Any) -> Package:
    """Make a ready package of a source, and of its movie; its files are not there."""
    source = source or make_source(movie=make_movie())
    key = uuid7(AT)
    values = {
        "id": key,
        "source": source,
        "movie": source.movie,
        "state": Package.State.READY,
        "path": f"packages/{key.hex}",
        "duration_s": 5640.0,
        "size_bytes": 3 * 1024**3,
        "created_at": AT,
        "playable_at": AT,
        "ready_at": AT,
    }
    return Package.objects.create(**values | overrides)


def make_picture_file(width: int = 1280, height: int = 720, kind: str = "JPEG", **options: Any) -> bytes:
    """Make a file with a picture that compresses well: four quarters of different colours."""
    image = Image.new("RGB", (width, height), "#203040")
    for place, colour in enumerate(("#c04030", "#30c040", "#3040c0")):
        left, top = place % 2 * width // 2, place // 2 * height // 2
        image.paste(colour, (left, top, left + width // 2, top + height // 2))
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def make_artwork(movie: Movie, **overrides: Any) -> Artwork:
    """Give a movie a picture whose files are not there."""
    kind = overrides.get("kind", Artwork.Kind.POSTER)
    is_poster = kind == Artwork.Kind.POSTER
    values = {
        "kind": kind,
        "original_key": f"artwork-originals/{movie.pk}/{next(_numbers)}.jpg",
        "content_hash": "0" * 64,
        "width_px": 720 if is_poster else 1920,
        "height_px": 1080,
        "blurhash": "L3Eo[I?bWB?b~qfQj[ofj[WBofWB" if not is_poster else "T1Eyb[~qWB?bayRjj[Rjj[_3ofM{",
        "edition": f"{next(_numbers):016x}",
        "widths": [180, 360, 540, 720] if is_poster else [640, 1280, 1920],
        "formats": ["webp", "jpg"],
        "created_at": AT,
    }
    return Artwork.objects.create(movie=movie, **values | overrides)


def make_stream(channel: Channel | None = None, **overrides: Any) -> Stream:
    """Make a stream that players can start; with another `phase` it stands as that one does."""
    phase = overrides.pop("phase", "live")
    values: dict[str, Any] = {
        "package_hex": secrets.token_hex(16),
        "dvr_s": 3600,
        "is_recorded": True,
        "started_at": AT,
    }
    if phase != "pending":
        values |= {"state": Stream.State.ACTIVE, "active_at": AT}
    if phase not in ("pending", "starting"):
        values |= {"playable_at": AT}
    if phase == "reconnecting":
        values |= {"interrupted_at": AT}
    if phase in ("ended", "failed"):
        reason = Stream.EndReason.UNPUBLISHED if phase == "ended" else Stream.EndReason.INTERNAL
        state = Stream.State.ENDED if phase == "ended" else Stream.State.ERROR
        values |= {"state": state, "ended_at": AT, "end_reason": reason}
    else:
        values |= {"lease_until": AT + LEASE}
    return Stream.objects.create(id=uuid7(AT), channel=channel or make_channel(), **values | overrides)


def make_plan(channel: Channel | None = None, **overrides: Any) -> PlannedStream:
    """Announce a broadcast for a day after AT."""
    number = next(_numbers)
    starts_at = AT + timedelta(days=1, minutes=number)
    values = {"title": f"Broadcast {number}", "starts_at": starts_at, "created_at": AT}
    return PlannedStream.objects.create(id=uuid7(AT), channel=channel or make_channel(), **values | overrides)
