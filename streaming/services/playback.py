"""Let somebody watch a movie: a session, and addresses that are good as long as it is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Subquery

from catalog.access import sees_hidden_movies
from catalog.artwork.pictures import pictures_of
from catalog.models import Movie
from catalog.viewpoints import Viewpoint
from portal import audience
from portal.ids import uuid7
from portal.models import User
from streaming import access, session_members
from streaming.delivery import media_access
from streaming.keys import playback_keyring
from streaming.media.codable import decode
from streaming.media.package_index import TextTrack
from streaming.models import Package, PlaybackRevocation
from streaming.playback import Playback, PlaybackCaption, caption_of, chapters_of
from streaming.services.playback_sessions import SessionData, store_session
from streaming.services.revocations import movie_subject
from streaming.services.watch_positions import find_position
from streaming.session_members import OpenedSession
from streaming.tokens import PlaybackClaims, sign_token
from streaming.visitors import Visitor

log = structlog.get_logger("nova.playback")
Found = Mapping[str, Any]
# What viewers may not see: whoever loses the right to see it shall not keep it for half a day. Players ask again.
_LONGEST_PREVIEW = timedelta(hours=1)


def open_playback(
    *, movie: Movie, viewer: User | AnonymousUser, viewpoint: Viewpoint, visitor: Visitor | None = None
) -> Playback:
    """Begin a session with a movie that the caller got by `access.get_movie_for_playback`, from the same viewpoint.

    The viewpoint is that of now: a preview of another moment shows pages, and plays nothing. `visitor` is who watches
    as far as figures may know it; None: what is watched is not counted.

    Raises MovieNotReady, and what that door raises if the movie was closed meanwhile.
    """
    if viewpoint.is_preview:
        raise ValueError("nothing is played at another moment than now")
    found = _find_package(movie)
    issued_at = found["revoked_before"] or viewpoint.at
    if issued_at > viewpoint.at:
        # It may have been closed behind the caller's back; and if not, this token must outlive that revocation.
        movie = access.get_movie_for_playback(viewer, movie.slug, viewpoint=viewpoint)
    claims = PlaybackClaims(
        session_id=uuid7(viewpoint.at),
        subject=movie_subject(movie.pk),
        package=found["path"].rpartition("/")[2],
        issued_at=max(issued_at, viewpoint.at),
        expires_at=_end_of(movie, viewer, viewpoint),
    )
    session = SessionData(
        movie_id=movie.pk,
        package=claims.package,
        user_id=viewer.pk,
        territory=viewpoint.territory,
        opened_at=viewpoint.at.isoformat(),
    )
    store_session(claims.session_id, session, lasts_s=(claims.expires_at - viewpoint.at).total_seconds())
    log.info("playback.opened", session=str(claims.session_id), movie_id=movie.pk, package_id=str(found["id"]))
    playback = _describe(movie, found, claims, at=viewpoint.at, position_s=find_position(viewer, movie))
    return replace(playback, beacon=_beacon_of(playback, movie, visitor, at=viewpoint.at)) if visitor else playback


def _beacon_of(playback: Playback, movie: Movie, visitor: Visitor, *, at: datetime) -> Mapping[str, Any] | None:
    opened = OpenedSession(
        session_id=playback.session_id,
        subject=audience.movie_subject(movie.pk),
        length_ms=int(playback.duration_s * 1000) if playback.duration_s else None,
        visitor=visitor,
        at=at,
        expires_at=playback.expires_at,
    )
    return session_members.beacon_of(opened)


def _find_package(movie: Movie) -> Found:
    """Return the one to play: the whole one serves until the next one is. Raises MovieNotReady."""
    revoked = PlaybackRevocation.objects.filter(subject=movie_subject(movie.pk)).values("issued_before")
    playable = Package.objects.playable().filter(movie=movie).order_by("-state", "-playable_at")
    # Of the index only what is told: its segments are megabytes.
    found = playable.values(
        "id",
        "path",
        "state",
        "duration_s",
        texts=F("index__texts"),
        images=F("index__images"),
        chapters=F("job__probe__chapters"),
        source_s=F("job__probe__duration_s"),
        revoked_before=Subquery(revoked),
    ).first()
    if found is None:
        raise access.not_ready(movie)
    return found


def _end_of(movie: Movie, viewer: User | AnonymousUser, viewpoint: Viewpoint) -> datetime:
    """Return when the token expires: with the movie's window at the latest, but for those whom no window shuts out."""
    latest = viewpoint.at + settings.NOVA_DELIVERY.longest_session
    availability = movie.availability_at(viewpoint)
    if sees_hidden_movies(viewer):
        is_for_all = movie.is_watchable and availability.is_open
        return latest if is_for_all else min(latest, viewpoint.at + _LONGEST_PREVIEW)
    return min(latest, availability.closes_at) if availability.closes_at else latest


def _describe(
    movie: Movie, found: Found, claims: PlaybackClaims, *, at: datetime, position_s: float | None
) -> Playback:
    media = media_access(
        settings.NOVA_DELIVERY,
        token=sign_token(claims, playback_keyring()),
        package=claims.package,
        expires_at=claims.expires_at,
    )
    is_whole = found["state"] == Package.State.READY
    duration_s = _length_of(found, is_whole=is_whole)
    pictures = pictures_of(movie.artwork.all())
    picture = pictures.backdrop or pictures.poster
    images = found["images"] or ()
    return Playback(
        session_id=claims.session_id,
        expires_at=claims.expires_at,
        lasts_s=(claims.expires_at - at).total_seconds(),
        package=claims.package,
        is_whole=is_whole,
        duration_s=duration_s,
        hls_url=media.url_for("master.m3u8"),
        dash_url=media.url_for("manifest.mpd") if is_whole else None,
        captions=tuple(_captions(found, media.url_for)),
        media_query=media.query,
        poster_url=picture.src if picture else None,
        storyboard_url=media.url_for(f"{images[0]['name']}.vtt") if images else None,
        chapters=chapters_of(found["chapters"] or (), duration_s=duration_s),
        position_s=position_s,
        beacon=None,
    )


def _captions(found: Found, url_for: Callable[[str], str]) -> Iterator[PlaybackCaption]:
    for stored in found["texts"] or ():
        text = decode(TextTrack, stored, where="index/texts")
        yield caption_of(text, url_for(f"{text.name}/1.vtt"))


def _length_of(found: Found, *, is_whole: bool) -> float | None:
    """Return how long the film is: while its package grows, as its source says."""
    if is_whole or not found["source_s"]:
        length_s: float | None = found["duration_s"]
        return length_s
    return round(float(Fraction(found["source_s"])), 3)
