"""The player on the page of a film, and alone in the pages of other sites."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog import metadata
from catalog.access import sees_hidden_movies
from catalog.caching import remember
from catalog.metadata import Metadata
from catalog.models import Movie
from catalog.pages import MovieCard, MoviePage, Playing
from catalog.pages.meta import absolute
from catalog.viewpoints import Viewpoint
from portal import rate_limits
from portal.api.throttling import identity_of
from portal.errors import NotFound, ServiceUnavailable, TooManyRequests
from portal.outages import REDIS_OUTAGES
from portal.pictures import Picture, cover_picture
from streaming import access
from streaming.errors import MovieNotAvailable, MovieNotReady
from streaming.models import Package, PackagingJob
from streaming.oembed import discovery_urls
from streaming.playback import Playback
from streaming.services.playback import open_playback
from streaming.visitors import know_again, visitor_of
from streaming.visits import is_by_a_viewer

# Of what the player is told: where the film is, and where it begins.
_TOLD_AHEAD = ("hls_url", "media_query", "duration_s", "position_s", "is_signed_in")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerPart:
    """A player. `told` is what its script is given as JSON: the session, if one was begun with the page, and more.

    `manifest_url` is what the script will ask for first, "" as long as there is no session; `ahead` is JSON of what it
    takes to ask for the film's beginning before that script is here. `embed_url` is "" where no other site may show the
    player; `oembed_urls` are (type, address). `structured` is JSON-LD, "" for what search
    engines should not find. One that `waits` begins when somebody presses Play, and not by itself.
    """

    title: str
    state: str
    told: Mapping[str, object]
    playback_url: str
    position_url: str
    report_url: str
    manifest_url: str
    ahead: str
    poster: Picture
    embed_url: str
    oembed_urls: tuple[tuple[str, str], ...]
    structured: str
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a film stands: what can be played, or the words for what is on its way. `playback` is the session, if any.

    `movie` is None while there is nothing to play.
    """

    movie: Movie | None = None
    playback: Playback | None = None
    note: str | Promise = ""


class FilmPlayer:
    """The catalogue's pages get their player here (catalog.pages.playing)."""

    def tell(self, request: HttpRequest, page: MoviePage, viewpoint: Viewpoint) -> Playing | None:
        standing = standing_of(request, page, viewpoint)
        if standing is None:
            return None
        return Playing(
            template="streaming/_player.html",
            script_template="streaming/_player_scripts.html",
            head_template="streaming/_player_head.html",
            part=player_part(request, page, standing, following=_next_of(page.similar, viewpoint)),
            note=standing.note,
        )

    def playable_among(self, movie_ids: Collection[int]) -> Collection[int]:
        return set(Package.objects.playable().filter(movie__in=movie_ids).values_list("movie_id", flat=True))


def standing_of(request: HttpRequest, page: MoviePage, viewpoint: Viewpoint, *, waits: bool = False) -> Standing | None:
    """Return where a film stands, with a session for somebody who opens its page to watch; None without a film.

    What waits for somebody to press Play, is previewed, fetched ahead or read by a program gets the player without a
    session, and so does who has begun too many: its script asks for one when it needs it, and is told why not.
    """
    # Those who run the catalogue judge a film before its premiere.
    is_open = page.opens_at is None or (sees_hidden_movies(request.user) and not viewpoint.is_preview)
    is_playable, is_being_prepared = _film_of(page.movie_id) if is_open else (False, False)
    if not is_playable:
        return Standing(note=_("This film is being prepared.")) if is_being_prepared else None
    try:
        movie = access.get_movie_for_playback(request.user, page.movie.art_key, viewpoint=viewpoint)
        return Standing(movie=movie, playback=None if waits else _begin(request, movie, viewpoint))
    except (MovieNotReady, MovieNotAvailable, NotFound):
        # It was taken away, or its window closed, while the page was read.
        return None


def _film_of(movie_id: int) -> tuple[bool, bool]:
    """Tell whether something of a film can be played, and whether somebody works at it: of most films nobody does."""
    playable = Package.objects.playable().filter(movie=OuterRef("pk"))
    jobs = PackagingJob.objects.unfinished().filter(source__movie=OuterRef("pk"))
    found = Movie.objects.filter(pk=movie_id).values_list(Exists(playable), Exists(jobs)).first()
    return found or (False, False)


def _begin(request: HttpRequest, movie: Movie, viewpoint: Viewpoint) -> Playback | None:
    if viewpoint.is_preview or not is_by_a_viewer(request):
        return None
    try:
        # As the API does, so that a page and a call are the same to it.
        rate_limits.check("playback", *identity_of(request.user, request))
        visitor = visitor_of(request, request.user, viewpoint)
        playback = open_playback(movie=movie, viewer=request.user, viewpoint=viewpoint, visitor=visitor)
    except (TooManyRequests, ServiceUnavailable, *REDIS_OUTAGES):
        return None
    know_again(request, visitor)
    return playback


def player_part(
    request: HttpRequest, page: MoviePage, standing: Standing, *, following: MovieCard | None, waits: bool = False
) -> PlayerPart:
    slug, playback = page.movie.art_key, standing.playback
    is_embeddable = bool(settings.NOVA_EMBED_ORIGINS) and page.meta.is_indexed
    embed_url = absolute(reverse("streaming:embed", args=[slug])) if is_embeddable else ""
    told = {
        **(playback.as_json() if playback else {}),
        "title": page.movie.title,
        "is_signed_in": request.user.is_authenticated,
        "next": _told_of(following),
    }
    return PlayerPart(
        title=page.movie.title,
        state="ready" if standing.movie else "preparing",
        told=told,
        playback_url=f"/api/v1/movies/{slug}/playback/",
        position_url=f"/api/v1/movies/{slug}/position/",
        report_url="/api/v1/playback-reports/",
        manifest_url=playback.hls_url if playback else "",
        ahead=json.dumps({"id": slug, **{name: told.get(name) for name in _TOLD_AHEAD}}),
        # Before the film begins: of its pictures the one that is as wide as it.
        poster=page.movie.backdrop or page.movie.poster or cover_picture(slug, "wide"),
        embed_url=embed_url,
        oembed_urls=discovery_urls(page.meta.canonical) if page.meta.is_indexed else (),
        structured=_as_json_ld(page.meta, standing.movie, embed_url),
        waits=waits,
    )


def _next_of(similar: Collection[MovieCard], viewpoint: Viewpoint) -> MovieCard | None:
    """Return the most similar film that can be played: by what was known of their packages some minutes ago."""
    ids = [card.movie_id for card in similar if card.opens_at is None]
    if not ids:
        return None
    known = ",".join(map(str, ids))
    playable = remember(f"playable:{known}", viewpoint, lambda: FilmPlayer().playable_among(ids))
    return next((card for card in similar if card.movie_id in playable), None)


def _told_of(card: MovieCard | None) -> dict[str, str | None] | None:
    if card is None:
        return None
    poster_url = card.poster.src if card.poster else None
    return {"title": card.title, "url": card.url, "poster_url": poster_url}


def _as_json_ld(meta: Metadata, movie: Movie | None, embed_url: str) -> str:
    """Return the film itself as schema.org's VideoObject: what can be watched here, and by whom it may be shown.

    There is no address of its file: that is another one for each viewer.
    """
    if movie is None or not meta.is_indexed or movie.first_available_at is None:
        return ""
    return metadata.as_json_ld(
        {
            "@type": "VideoObject",
            "name": movie.title,
            "description": meta.description,
            "url": meta.canonical,
            "thumbnailUrl": [meta.picture.url] if meta.picture else [],
            "uploadDate": movie.first_available_at.isoformat(timespec="seconds"),
            "duration": metadata.duration_iso(movie.runtime_s) if movie.runtime_s else "",
            "embedUrl": embed_url,
        }
    )
