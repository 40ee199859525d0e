"""What a movie leaves behind when it is deleted, by whatever way: a receiver of Django's signal."""

from catalog.models import Movie
from portal import clock
from streaming.services.revocations import revoke_movie


def end_playback_of(instance: Movie, **_: object) -> None:
    revoke_movie(instance.pk, at=clock.now())
