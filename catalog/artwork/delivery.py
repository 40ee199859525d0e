"""Hand out what was made of pictures, from wherever it is stored.

The bytes come through this view with every storage, S3 too: pictures stay on the portal's own host, which is all that
the content policy lets pages load, and an edge in front keeps each of them for a year and asks once. No database is
asked either. That a movie is hidden therefore takes its pictures from every page, and not out of the caches that have
them; nobody guesses the address of one that was never shown.
"""

from functools import partial

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import condition, require_safe

from catalog import access
from catalog.artwork.cards import card_digest, draw_card
from catalog.artwork.pictures import MEDIA_TYPES, card_url
from catalog.models.artwork import rendition_key
from catalog.viewpoints import viewpoint_of
from portal.errors import NotFound
from portal.views import KEPT_FOR_EVER

# Drawing takes a tenth of a second, and a link that is shared brings many who ask at once.
_CARD_KEPT_S = 3600


def etag_of(request: HttpRequest, edition: str, name: str, **_: str) -> str:
    """Return what stands for the content: an edition's files never change."""
    return f'"{edition}-{name}"'


@require_safe
def show_card(request: HttpRequest, movie_id: str, digest: str) -> HttpResponse:
    """Draw the card of a movie that viewers may see. A former one leads to that of today. Raises NotFound."""
    viewpoint = viewpoint_of(request)
    movie = access.get_movie_for_sharing(int(movie_id), viewpoint=viewpoint)
    if digest != card_digest(title=movie.title, art_key=movie.slug):
        response: HttpResponse = HttpResponseRedirect(card_url(movie))
        response.headers["Cache-Control"] = "no-cache"
        return response
    content = cache.get_or_set(
        f"artwork:card:{digest}", partial(draw_card, title=movie.title, art_key=movie.slug), _CARD_KEPT_S
    )
    response = HttpResponse(content, content_type="image/jpeg")
    # What is seen of another moment is for nobody else: an edge would hand it to viewers.
    response.headers["Cache-Control"] = "no-store" if viewpoint.is_preview else KEPT_FOR_EVER
    return response


@require_safe
@condition(etag_func=etag_of)
def show_rendition(request: HttpRequest, movie_id: str, edition: str, name: str) -> HttpResponse:
    """Answer with one file. Raises NotFound."""
    return answer_file(rendition_key(int(movie_id), edition, name))


def answer_file(key: str) -> HttpResponse:
    """Answer with what is stored there, which never changes. Raises NotFound."""
    try:
        with default_storage.open(key) as stored:
            content = stored.read()
    except FileNotFoundError:
        raise NotFound from None
    response = HttpResponse(content, content_type=MEDIA_TYPES[key.rpartition(".")[2]])
    response.headers["Cache-Control"] = KEPT_FOR_EVER
    return response
