"""What a stream leaves behind: its segments are a package already, and become the draft of a movie."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from django_redis import get_redis_connection

from catalog.models.movie import LONGEST_SYNOPSIS
from catalog.services.movies import create_movie
from portal import audit, events
from portal.errors import Transient
from portal.ids import uuid7
from streaming.events import MovieBecamePlayable
from streaming.media.errors import MediaFault
from streaming.media.index_json import index_from_json, index_to_json
from streaming.media.live.timing import LiveTiming
from streaming.media.package_index import PackageIndex
from streaming.media.package_parts import size_of
from streaming.models import Package, Source, Stream
from streaming.runtime.package_writer import playlists_of
from streaming.runtime.segment_store import SegmentStore
from streaming.runtime.stored_recordings import read_recording
from streaming.services.live import LEASE, HeldElsewhere

log = structlog.get_logger("nova.live")

_LONGEST_TITLE = 200
# An origin has finished by then, or is lost.
_LEFT_AFTER = timedelta(minutes=1)
# What is shorter is what an encoder leaves that fails and tries again.
_LEAST_S = 5
# A store that is not mounted looks like an empty one.
_GIVE_UP_AFTER = timedelta(days=1)
_RECOVERING, _LONGEST_RECOVERY_S = "nova:live:recovering", 600
# What a broadcaster is told of a stream whose segments make no package, and of one of which some could not be stored.
LOST, CUT = "recording-lost", "recording-cut"


def finish_recording(
    *, stream_id: UUID, index: PackageIndex, at: datetime, lease_owner: str | None = None, is_cut: bool = False
) -> Package | None:
    """Make the segments of a stream the package of a new movie draft, without encoding anything.

    `index` tells of all of them, but for those behind a place where it `is_cut`. Returns None where there is nothing to
    keep: the stream was not to be recorded, is shorter than some seconds, or is gone with its channel. Doing it twice
    changes nothing, unless the index is longer by then. Raises HeldElsewhere.
    """
    with transaction.atomic():
        streams = Stream.objects.select_for_update(of=("self",)).select_related("channel", "plan")
        stream = streams.filter(pk=stream_id).first()
        if stream is not None and lease_owner is not None and stream.lease_owner != lease_owner:
            raise HeldElsewhere
        if stream is None or not stream.is_recorded:
            return None
        if index.duration_s < _LEAST_S:
            _keep_nothing(stream)
            return None
        if stream.recording is not None:
            _lengthen(stream.recording, index)
            return stream.recording
        package = _publish(stream, index, at)
        stream.recording = package
        stream.error = stream.error or (CUT if is_cut else "")
        stream.save(update_fields=["recording", "error"])
        after = {"movie": package.movie_id, "duration_s": package.duration_s}
        audit.record("stream.recorded", stream, by=None, at=at, after=after)
        events.publish(MovieBecamePlayable.of(package), at=at)
    return package


def keep_for_finishing(*, stream_id: UUID, at: datetime, lease_owner: str) -> None:
    """Say that the origin of a stream that is over still stores what it has made: no worker does it meanwhile.

    Raises HeldElsewhere.
    """
    stream = Stream.objects.filter(pk=stream_id)
    if not stream.filter(lease_owner=lease_owner).update(lease_until=at + LEASE) and stream.exists():
        raise HeldElsewhere


def recover_recordings(*, store: SegmentStore, timing: LiveTiming, clock: Callable[[], datetime]) -> int:
    """Finish the recordings of streams whose origin is lost; return how many there are now.

    While the store is away they wait: nobody deletes what streams have left for two days. One at a time does this.
    """
    redis = get_redis_connection("default")
    if not redis.set(_RECOVERING, 1, nx=True, ex=_LONGEST_RECOVERY_S):
        return 0
    try:
        at = clock()
        left = Stream.objects.filter(is_recorded=True, recording=None, ended_at__lte=at - _LEFT_AFTER)
        streams = left.exclude(package_hex="").exclude(lease_until__gt=at).order_by("ended_at")
        return sum(_recover(stream, store, timing, clock) for stream in streams)
    finally:
        redis.delete(_RECOVERING)


def _recover(stream: Stream, store: SegmentStore, timing: LiveTiming, clock: Callable[[], datetime]) -> bool:
    path = f"packages/{stream.package_hex}"
    try:
        index = read_recording(store, path, timing).index(is_whole=True)
        if index.duration_s >= _LEAST_S:
            for name, content in playlists_of(index):
                store.write(f"{path}/{name}", content)
        return finish_recording(stream_id=stream.pk, index=index, at=clock()) is not None
    except Transient as error:
        log.warning("live.recording_waits", stream=str(stream.pk), error=type(error).__name__)
    except (FileNotFoundError, MediaFault) as error:
        log.warning("live.recording_unreadable", stream=str(stream.pk), error=str(error))
        _give_up_in_time(stream, clock())
    except Exception:
        # The border between streams: one that nobody foresaw must not keep the others from their recordings.
        log.exception("live.recording_failed", stream=str(stream.pk))
    return False


def _give_up_in_time(stream: Stream, at: datetime) -> None:
    """Stop trying after a day, and tell the broadcaster; of what nobody could watch there is nothing to tell."""
    if stream.playable_at is None:
        _keep_nothing(stream)
    elif stream.ended_at is not None and at >= stream.ended_at + _GIVE_UP_AFTER:
        with transaction.atomic():
            Stream.objects.filter(pk=stream.pk).update(is_recorded=False, error=stream.error or LOST)
            audit.record("stream.recording_lost", stream, by=None, at=at)


def _keep_nothing(stream: Stream) -> None:
    Stream.objects.filter(pk=stream.pk, recording=None).update(is_recorded=False)


def _lengthen(package: Package, index: PackageIndex) -> None:
    """Let a package have the segments that a worker did not see, as they were still on their way to the store."""
    known = index_from_json(package.index)
    # Its texts are of an editor's making: what was worked on stays as it is.
    if known.texts or _segments_of(index) <= _segments_of(known):
        return
    package.index, package.duration_s, package.size_bytes = (
        index_to_json(index),
        float(index.duration_s),
        size_of(index),
    )
    package.save(update_fields=["index", "duration_s", "size_bytes"])


def _segments_of(index: PackageIndex) -> int:
    return sum(len(track.segments) for track in index.media())


def _publish(stream: Stream, index: PackageIndex, at: datetime) -> Package:
    begun_at = timezone.localtime(stream.active_at or stream.started_at)
    title = f"{stream.title or stream.channel.title}, {begun_at:%Y-%m-%d %H:%M}"[:_LONGEST_TITLE]
    announced = stream.plan.description if stream.plan else ""
    duration_s = float(index.duration_s)
    movie = create_movie(
        title=title,
        year=begun_at.year,
        by=None,
        at=at,
        facts={
            "synopsis": (announced or stream.channel.description)[:LONGEST_SYNOPSIS],
            "runtime_s": max(1, round(duration_s)),
        },
    )
    size_bytes = size_of(index)
    source = Source.objects.create(
        id=stream.pk,
        movie=movie,
        state=Source.State.RECORDED,
        file_name=title,
        size_bytes=size_bytes,
        container="cmaf",
        storage_key=f"packages/{stream.package_hex}",
        created_at=at,
    )
    return Package.objects.create(
        id=uuid7(at),
        source=source,
        movie=movie,
        state=Package.State.READY,
        path=f"packages/{stream.package_hex}",
        index=index_to_json(index),
        duration_s=duration_s,
        size_bytes=size_bytes,
        created_at=stream.started_at,
        playable_at=at,
        ready_at=at,
    )
