from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from catalog import access, groups
from catalog.events import CatalogueChanged, MovieHidden, MoviePublished, MovieState, ReleasePlan
from catalog.models import Movie
from catalog.viewpoints import viewpoint_of_scope
from portal import audience, events
from portal.consumers import SnapshotConsumer

# All that somebody learns of a movie that is gone.
_OF_THE_GONE = ("movie_id", "version", "visibility")


class MovieConsumer(SnapshotConsumer):
    """`/ws/movies/<slug>/`: the page of a movie follows what editors do to it."""

    sees_hidden = False
    is_gone = False

    def authorise(self) -> str:
        self.sees_hidden = access.sees_hidden_movies(self.scope["user"])
        return groups.movie(self._movie().pk)

    def read_snapshot(self) -> Mapping[str, object]:
        movie = self._movie()
        viewers = audience.viewers_of_one(audience.movie_subject(movie.pk))
        return {**asdict(MovieState.of(movie)), "viewers": viewers}

    def relies_on_rights(self, facts: Mapping[str, Any]) -> bool:
        return self.sees_hidden

    def adapt(self, envelope: Mapping[str, Any], facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Tell viewers of a movie that they may not see now that it is gone; once, and no more than that."""
        state = envelope["data"]
        is_open = ReleasePlan(**facts["release"]).is_open(viewpoint_of_scope(self.scope))
        if self.sees_hidden or (is_open and facts["visibility"] in Movie.WATCHABLE):
            self.is_gone = False
            return envelope
        # What carries no state cannot say that the movie is gone: a page that misses it asks, and is told.
        if self.is_gone or not all(name in state for name in _OF_THE_GONE):
            return None
        self.is_gone = True
        return {**envelope, "type": MovieHidden.type, "data": {name: state[name] for name in _OF_THE_GONE}}

    def _movie(self) -> Movie:
        slug = self.scope["url_route"]["kwargs"]["slug"]
        return access.get_movie_for_viewing(self.scope["user"], slug, viewpoint=viewpoint_of_scope(self.scope))


class CatalogueConsumer(SnapshotConsumer):
    """`/ws/catalogue/`: lists of films lose what viewers may not see any more, and hear of what is new."""

    def authorise(self) -> str:
        return groups.CATALOGUE

    def read_snapshot(self) -> Mapping[str, object]:
        return {"revision": events.current_sequence(groups.CATALOGUE)}

    def adapt(self, envelope: Mapping[str, Any], facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """Tell what becomes of the film in lists, and nothing of one that stands in none."""
        state, release, viewpoint = envelope["data"], ReleasePlan(**facts["release"]), viewpoint_of_scope(self.scope)
        is_listed = release.is_open(viewpoint) and state["visibility"] == Movie.Visibility.PUBLISHED
        was_absent = facts["before"] is not None and not ReleasePlan(**facts["before"]).is_open(viewpoint)
        # Sent without its number instead of not at all: a gap would make every list ask for everything.
        was_ever_seen = release.published_at is not None
        changed = CatalogueChanged(
            movie_id=state["movie_id"] if was_ever_seen else 0,
            version=state["version"] if was_ever_seen else 0,
            is_listed=is_listed,
            is_new=is_listed and (was_absent or envelope["type"] == MoviePublished.type),
            title=state["title"] if is_listed else "",
        )
        return {**envelope, "type": CatalogueChanged.type, "data": changed.data()}
