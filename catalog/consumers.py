from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from catalog import access, groups
from catalog.events import MovieHidden, MovieState
from catalog.models import Movie
from portal import clock
from portal.consumers import SnapshotConsumer


class MovieConsumer(SnapshotConsumer):
    """`/ws/movies/<slug>/`: the page of a movie follows what editors do to it."""

    sees_hidden = False

    def authorise(self) -> str:
        self.sees_hidden = access.sees_hidden_movies(self.scope["user"])
        return groups.movie(self._movie().pk)

    def read_snapshot(self) -> Mapping[str, object]:
        return asdict(MovieState.of(self._movie()))

    def lets_through(self, envelope: Mapping[str, Any]) -> bool:
        """Keep what editors do to a movie behind the curtain from those who were told that it is gone."""
        if self.sees_hidden or envelope["type"] == MovieHidden.type:
            return True
        return envelope["data"]["visibility"] in Movie.WATCHABLE

    def _movie(self) -> Movie:
        slug = self.scope["url_route"]["kwargs"]["slug"]
        return access.get_movie_for_viewing(self.scope["user"], slug, at=clock.now())
