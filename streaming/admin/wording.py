"""Links between the desk's pages, and what is refused there."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from portal.errors import PortalError
from streaming.models import Package, PackagingJob
from streaming.services.stream_keys import IssuedKey


def package_link(package: Package | None) -> str:
    return "–" if package is None else _link("package", package, package.get_state_display())


def job_link(job: PackagingJob | None) -> str:
    return "–" if job is None else _link("packagingjob", job, job.get_state_display())


def fault_words(error: PortalError) -> str:
    """Return what stands in the way, and what helps where the error says so."""
    if not error.detail:
        return str(error.title)
    return _("%(title)s. %(detail)s") % {"title": error.title, "detail": error.detail}


def as_key(object_id: str) -> UUID:
    """Read what stands in an address of the admin. Raises Http404."""
    try:
        return UUID(object_id)
    except ValueError as error:
        raise Http404 from error


def show_secret(request: HttpRequest, issued: IssuedKey) -> None:
    """Show a new key above the next page, this once, with the server to paste beside it."""
    text = _("Server: %(server)s — Key: %(key)s — copy it now, it is not shown again.")
    servers = " · ".join(url for url in (settings.NOVA_RTMP_URL, settings.NOVA_RTMPS.url) if url)
    messages.warning(request, text % {"server": servers, "key": issued.secret})


def _link(desk: str, row: Package | PackagingJob, words: str) -> str:
    url = reverse(f"admin:streaming_{desk}_change", args=[row.pk])
    return format_html('<a class="nova-link" href="{}">{}</a>', url, words)
