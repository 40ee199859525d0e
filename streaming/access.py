"""Who may see and change packages and jobs: the only doors from an id to one of them."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from portal.errors import NotAllowed, NotFound
from portal.models import User
from streaming.models import Package, PackageQuerySet, PackagingJob, PackagingJobQuerySet

EDITOR_PERMISSIONS = (
    "streaming.view_packagingjob",
    "streaming.add_packagingjob",
    "streaming.change_packagingjob",
    "streaming.view_package",
    "streaming.view_qualitylevel",
    "streaming.add_qualitylevel",
    "streaming.change_qualitylevel",
    "streaming.delete_qualitylevel",
)
OPERATOR_PERMISSIONS = (
    "streaming.view_packagingjob",
    "streaming.change_packagingjob",
    "streaming.view_package",
    "streaming.view_qualitylevel",
)


def require_sight_of_jobs(user: User | AnonymousUser) -> None:
    """Raises NotAllowed for people who may not see how packaging goes."""
    if not user.has_perm("streaming.view_packagingjob"):
        raise NotAllowed()


def get_jobs(user: User | AnonymousUser) -> PackagingJobQuerySet:
    """Return all jobs, with their sources. Raises NotAllowed."""
    require_sight_of_jobs(user)
    return PackagingJob.objects.select_related("source")


def get_job_for_management(user: User | AnonymousUser, job_id: UUID) -> PackagingJob:
    """Return a job that `user` may cancel or retry. Raises NotFound for those who may not even see it, NotAllowed."""
    if not user.has_perm("streaming.view_packagingjob"):
        raise NotFound()
    if not user.has_perm("streaming.change_packagingjob"):
        raise NotAllowed()
    job = PackagingJob.objects.select_related("source").filter(pk=job_id).first()
    if job is None:
        raise NotFound()
    return job


def get_packages(user: User | AnonymousUser) -> PackageQuerySet:
    """Return all packages, with their sources. Raises NotAllowed."""
    if not user.has_perm("streaming.view_package"):
        raise NotAllowed()
    return Package.objects.select_related("source", "movie")
