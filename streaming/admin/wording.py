"""Links between the desk's pages, and what is refused there."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from portal.errors import PortalError
from streaming.models import Package, PackagingJob


def package_link(package: Package | None) -> str:
    return "–" if package is None else _link("package", package, package.get_state_display())


def job_link(job: PackagingJob | None) -> str:
    return "–" if job is None else _link("packagingjob", job, job.get_state_display())


def fault_words(error: PortalError) -> str:
    """Return what stands in the way, and what helps where the error says so."""
    if not error.detail:
        return str(error.title)
    return _("%(title)s. %(detail)s") % {"title": error.title, "detail": error.detail}


def _link(desk: str, row: Package | PackagingJob, words: str) -> str:
    url = reverse(f"admin:streaming_{desk}_change", args=[row.pk])
    return format_html('<a class="nova-link" href="{}">{}</a>', url, words)
