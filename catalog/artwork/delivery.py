"""Hand out what was made of pictures, from wherever it is stored.

The bytes come through this view with every storage, S3 too: pictures stay on the portal's own host, which is all that
the content policy lets pages load, and an edge in front keeps each of them for a year and asks once. No database is
asked either. That a movie is hidden therefore takes its pictures from every page, and not out of the caches that have
them; nobody guesses the address of one that was never shown.
"""

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from catalog.artwork.pictures import MEDIA_TYPES
from catalog.models.artwork import rendition_key
from portal.errors import NotFound
from portal.views import KEPT_FOR_EVER


def _etag(request: HttpRequest, movie_id: str, edition: str, name: str) -> str:
    """Return what stands for the content: an edition's files never change."""
    return f'"{edition}-{name}"'


@require_safe
@condition(etag_func=_etag)
def show_rendition(request: HttpRequest, movie_id: str, edition: str, name: str) -> HttpResponse:
    """Answer with one file. Raises NotFound."""
    try:
        with default_storage.open(rendition_key(int(movie_id), edition, name)) as stored:
            content = stored.read()
    except FileNotFoundError:
        raise NotFound from None
    response = HttpResponse(content, content_type=MEDIA_TYPES[name.rpartition(".")[2]])
    response.headers["Cache-Control"] = KEPT_FOR_EVER
    return response
