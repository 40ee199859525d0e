"""What other sites are given of a film: its player alone, or what stands for it."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse

from catalog.access import get_movie_for_viewing
from catalog.metadata import Metadata
from catalog.pages import movie_page_for_viewers
from catalog.pages.meta import absolute, shared_picture
from catalog.viewpoints import Viewpoint
from streaming.models import Package
from streaming.oembed import Embedding
from streaming.player_page import PlayerPart, player_part, standing_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedPage:
    """The player alone; `part` is None while there is nothing to play."""

    meta: Metadata
    slug: str
    title: str
    part: PlayerPart | None


def embed_page(request: HttpRequest, slug: str, viewpoint: Viewpoint) -> EmbedPage:
    """Read what every viewer sees, for a frame of another site. Raises NotFound."""
    page = movie_page_for_viewers(slug, viewpoint=viewpoint)
    present_slug = page.movie.art_key
    # A site says by the address that nobody is startled by what begins on its page.
    waits = request.GET.get("autoplay") != "1"
    standing = standing_of(request, page, viewpoint, waits=waits) if present_slug == slug else None
    return EmbedPage(
        meta=page.meta,
        slug=present_slug,
        title=page.movie.title,
        # Other films have pages, which no other site may frame.
        part=player_part(request, page, standing, following=None, waits=waits) if standing else None,
    )


def embedding_of(slug: str, viewpoint: Viewpoint) -> Embedding:
    """Return what an address of a film looks like elsewhere, to anybody. Raises NotFound."""
    movie = get_movie_for_viewing(AnonymousUser(), slug, viewpoint=viewpoint)
    is_shown = bool(settings.NOVA_EMBED_ORIGINS) and movie.availability_at(viewpoint).is_open
    is_playable = is_shown and Package.objects.playable().filter(movie=movie).exists()
    return Embedding(
        title=movie.title,
        embed_url=absolute(reverse("streaming:embed", args=[movie.slug])) if is_playable else "",
        picture=shared_picture(movie),
    )
