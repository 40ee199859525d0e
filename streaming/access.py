"""Who may watch what, and who may see and change packages and jobs: the only doors from an id to one of them."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Model, Q, QuerySet

from catalog.access import get_movie_for_viewing, sees_hidden_movies
from catalog.models import Movie
from catalog.viewpoints import Viewpoint
from portal.errors import NotAllowed, NotFound
from portal.models import User
from streaming.errors import MovieNotAvailable, MovieNotReady
from streaming.models import (
    Channel,
    Package,
    PackageQuerySet,
    PackagingJob,
    PackagingJobQuerySet,
    PlannedStream,
    PlannedStreamQuerySet,
    QualityLevel,
    Stream,
    StreamKey,
    StreamQuerySet,
)

_Row = TypeVar("_Row", bound=Model)

EDITOR_PERMISSIONS = (
    "streaming.view_packagingjob",
    "streaming.add_packagingjob",
    "streaming.change_packagingjob",
    "streaming.view_package",
    "streaming.view_qualitylevel",
    "streaming.add_qualitylevel",
    "streaming.change_qualitylevel",
    "streaming.delete_qualitylevel",
    "streaming.add_playbackrevocation",
)
OPERATOR_PERMISSIONS = (
    "streaming.view_packagingjob",
    "streaming.change_packagingjob",
    "streaming.view_package",
    "streaming.view_qualitylevel",
    "streaming.add_playbackrevocation",
)


def get_movie_for_playback(user: User | AnonymousUser, slug: str, *, viewpoint: Viewpoint) -> Movie:
    """Return a movie that `user` may watch at that moment and place, with its genres, windows and artwork.

    `slug` is one of its addresses. Those who run the catalogue watch what viewers may not, to judge it. Whether
    there is anything to play is found when playback is opened.

    Raises NotFound, MovieNotAvailable for what is announced.
    """
    movie = get_movie_for_viewing(user, slug, viewpoint=viewpoint)
    if not sees_hidden_movies(user) or viewpoint.is_preview:
        availability = movie.availability_at(viewpoint)
        if not availability.is_open:
            raise MovieNotAvailable(opens_at=availability.opens_at)
    return movie


def not_ready(movie: Movie) -> MovieNotReady:
    """Say how far the film of a movie is that cannot be played."""
    jobs = PackagingJob.objects.unfinished().filter(source__movie=movie).order_by("-state", "-percent")
    job = jobs.only("state", "percent").first()
    is_running = job is not None and job.state == PackagingJob.State.RUNNING
    return MovieNotReady(is_being_prepared=job is not None, percent=job.percent if job and is_running else None)


def require_may_end_playback(user: User | AnonymousUser) -> None:
    """Raises NotFound for people who may not end what others watch: nobody else is told of a session."""
    if not user.has_perm("streaming.add_playbackrevocation"):
        raise NotFound()


def require_sight_of_jobs(user: User | AnonymousUser) -> None:
    """Raises NotAllowed for people who may not see how packaging goes."""
    if not user.has_perm("streaming.view_packagingjob"):
        raise NotAllowed()


def get_jobs(user: User | AnonymousUser) -> PackagingJobQuerySet:
    """Return all jobs, with their sources. Raises NotAllowed."""
    require_sight_of_jobs(user)
    return PackagingJob.objects.select_related("source")


def get_job_for_viewing(user: User | AnonymousUser, job_id: UUID) -> PackagingJob:
    """Return a job with its source. Raises NotFound, also for those who may not see any."""
    jobs = PackagingJob.objects.select_related("source__movie", "requested_by")
    return _get(user, "streaming.view_packagingjob", jobs.filter(pk=job_id))


def get_job_for_management(user: User | AnonymousUser, job_id: UUID) -> PackagingJob:
    """Return a job that `user` may cancel or retry. Raises NotFound for those who may not even see it, NotAllowed."""
    if not user.has_perm("streaming.view_packagingjob"):
        raise NotFound()
    if not user.has_perm("streaming.change_packagingjob"):
        raise NotAllowed()
    return get_job_for_viewing(user, job_id)


def require_may_package(user: User | AnonymousUser) -> None:
    """Raises NotAllowed for people who may not have sources packaged."""
    if not user.has_perm("streaming.add_packagingjob"):
        raise NotAllowed()


def get_packages(user: User | AnonymousUser) -> PackageQuerySet:
    """Return all packages, with their sources, movies and the `job_id` of each. Raises NotAllowed."""
    if not user.has_perm("streaming.view_package"):
        raise NotAllowed()
    return _packages()


def get_package_for_viewing(user: User | AnonymousUser, package_id: UUID) -> Package:
    """Return a package as `get_packages` does. Raises NotFound, also for those who may not see any."""
    return _get(user, "streaming.view_package", _packages().filter(pk=package_id))


def get_package_for_posters(user: User | AnonymousUser, package_id: UUID) -> Package:
    """Return a package of whose frames `user` may make pictures of its movie.

    Raises NotFound for those who may not even see it, and where it belongs to no movie; NotAllowed.
    """
    package = get_package_for_viewing(user, package_id)
    if package.movie is None:
        raise NotFound()
    if not user.has_perm("catalog.change_movie"):
        raise NotAllowed()
    return package


def get_quality_levels(user: User | AnonymousUser) -> QuerySet[QualityLevel]:
    """Return the whole ladder. Raises NotAllowed."""
    if not user.has_perm("streaming.view_qualitylevel"):
        raise NotAllowed()
    return QualityLevel.objects.all()


def get_quality_level_for_viewing(user: User | AnonymousUser, level_id: int) -> QualityLevel:
    """Return a rung. Raises NotFound, also for those who may not see any."""
    return _get(user, "streaming.view_qualitylevel", QualityLevel.objects.filter(pk=level_id))


def get_channels(user: User | AnonymousUser) -> QuerySet[Channel]:
    """Return the channels that lists name to this person: the public ones, their own, and all to the desk."""
    channels = Channel.objects.select_related("owner", "picture")
    if sees_private_channels(user):
        return channels
    return channels.filter(Q(visibility=Channel.Visibility.PUBLIC) | Q(owner=user.pk))


def get_channel_for_viewing(user: User | AnonymousUser, slug: str) -> Channel:
    """Return a channel that `user` may watch, with its owner. Raises NotFound."""
    channel = Channel.objects.select_related("owner", "picture").filter(slug=slug).first()
    if channel is None or not _may_watch(user, channel):
        raise NotFound()
    return channel


def sees_private_channels(user: User | AnonymousUser) -> bool:
    """Tell whether `user` may watch the private channels of others."""
    return user.has_perm("streaming.view_channel")


def _may_watch(user: User | AnonymousUser, channel: Channel) -> bool:
    return channel.visibility != Channel.Visibility.PRIVATE or _sees_all_of(user, channel)


def _sees_all_of(user: User | AnonymousUser, channel: Channel) -> bool:
    return user.pk == channel.owner_id or sees_private_channels(user)


def get_channels_for_studio(user: User | AnonymousUser) -> QuerySet[Channel]:
    """Return the channels whose streams and keys are this person's affair: their own, and all to the desk."""
    channels = Channel.objects.select_related("owner", "picture")
    return channels if user.has_perm("streaming.change_channel") else channels.filter(owner=user.pk)


def get_channel_for_studio(user: User | AnonymousUser, slug: str) -> Channel:
    """Return a channel that `user` runs. Raises NotFound, NotAllowed for those who may watch it only."""
    channel = get_channels_for_studio(user).filter(slug=slug).first()
    if channel is None:
        get_channel_for_viewing(user, slug)
        raise NotAllowed()
    return channel


def get_key_for_studio(user: User | AnonymousUser, slug: str, key_id: int) -> StreamKey:
    """Return a key of a channel that `user` runs. Raises NotFound, NotAllowed."""
    key = get_channel_for_studio(user, slug).keys.filter(pk=key_id).first()
    if key is None:
        raise NotFound()
    return key


def get_streams(user: User | AnonymousUser) -> StreamQuerySet:
    """Return the streams that lists name to this person, with their channels."""
    streams = Stream.objects.select_related("channel")
    if user.has_perm("streaming.view_stream"):
        return streams
    is_public = Q(channel__visibility=Channel.Visibility.PUBLIC, is_test=False)
    return streams.filter(is_public | Q(channel__owner=user.pk))


def get_streams_of(user: User | AnonymousUser, channel: Channel) -> StreamQuerySet:
    """Return the streams of a channel that `user` may watch; of tests only whoever runs it is told."""
    return without_tests_of_others(user, Stream.objects.filter(channel=channel))


def without_tests_of_others(user: User | AnonymousUser, streams: StreamQuerySet) -> StreamQuerySet:
    """Leave the tests out of which `user` may not know."""
    if sees_private_channels(user):
        return streams
    return streams.filter(Q(is_test=False) | Q(channel__owner=user.pk))


def get_stream_for_viewing(user: User | AnonymousUser, stream_id: UUID) -> Stream:
    """Return a stream of a channel that `user` may watch, with it. Raises NotFound."""
    stream = Stream.objects.select_related("channel").filter(pk=stream_id).first()
    if stream is None or not _may_watch(user, stream.channel):
        raise NotFound()
    if stream.is_test and not _sees_all_of(user, stream.channel):
        raise NotFound()
    return stream


def get_stream_for_studio(user: User | AnonymousUser, stream_id: UUID) -> Stream:
    """Return a stream that `user` may end. Raises NotFound, NotAllowed for those who may watch it only."""
    stream = get_stream_for_viewing(user, stream_id)
    if not _may_run(user, stream.channel):
        raise NotAllowed()
    return stream


def get_stream_for_figures(user: User | AnonymousUser, stream_id: UUID) -> Stream:
    """Return a stream whose figures `user` may read: who runs its channel, and operators. Raises NotFound."""
    stream = Stream.objects.select_related("channel").filter(pk=stream_id).first()
    if stream is None or not (_may_run(user, stream.channel) or user.has_perm("analytics.view_metricsecond")):
        raise NotFound()
    return stream


def get_plans(user: User | AnonymousUser, *, at: datetime) -> PlannedStreamQuerySet:
    """Return the broadcasts to come that lists name to this person, with their channels."""
    plans = PlannedStream.objects.coming_up(at).select_related("channel")
    if sees_private_channels(user):
        return plans
    return plans.filter(Q(channel__visibility=Channel.Visibility.PUBLIC) | Q(channel__owner=user.pk))


def get_plan_for_viewing(user: User | AnonymousUser, plan_id: UUID) -> PlannedStream:
    """Return a broadcast that was announced on a channel that `user` may watch, with it. Raises NotFound."""
    plan = PlannedStream.objects.select_related("channel").filter(pk=plan_id).first()
    if plan is None or not _may_watch(user, plan.channel):
        raise NotFound()
    return plan


def get_plan_for_studio(user: User | AnonymousUser, plan_id: UUID) -> PlannedStream:
    """Return one that `user` may change and call off. Raises NotFound, NotAllowed for those who may read it only."""
    plan = get_plan_for_viewing(user, plan_id)
    if not _may_run(user, plan.channel):
        raise NotAllowed()
    return plan


def get_plan_of_channel(user: User | AnonymousUser, slug: str, plan_id: UUID) -> PlannedStream:
    """Return one of a channel that `user` runs, with it. Raises NotFound, NotAllowed."""
    channel = get_channel_for_studio(user, slug)
    plan = channel.plans.select_related("channel__owner").filter(pk=plan_id).first()
    if plan is None:
        raise NotFound()
    return plan


def _may_run(user: User | AnonymousUser, channel: Channel) -> bool:
    return user.pk == channel.owner_id or user.has_perm("streaming.change_channel")


def _packages() -> PackageQuerySet:
    return Package.objects.select_related("source", "movie").annotate(job_id=F("job__pk"))


def _get(user: User | AnonymousUser, permission: str, found: QuerySet[_Row]) -> _Row:
    row = found.first() if user.has_perm(permission) else None
    if row is None:
        raise NotFound()
    return row
