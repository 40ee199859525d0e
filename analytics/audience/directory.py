"""What is known of the subjects that are watched: what they are called, and who is told of them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from analytics.counting.figures import PORTAL
from analytics.store.subjects import key_of
from catalog import groups as movie_groups
from catalog.events import MovieEvent
from catalog.models import Movie
from portal.audience import stream_subject
from streaming import groups as stream_groups
from streaming.live_events import PUBLIC, StreamFacts
from streaming.models import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A subject: "" for the title of what is gone, of which nobody is told either.

    Attributes:
        told: groups of those who hear how many watch it; `judged_by` what consumers judge by who may.
        stream: by which its health is judged; None of what is none, or gone.
    """

    title: str = ""
    told: tuple[str, ...] = ()
    judged_by: Mapping[str, object] = field(default_factory=dict)
    stream: Stream | None = None


def look_up(subjects: Collection[str]) -> dict[str, Known]:
    """Return what is known of each; five queries at most."""
    unknown = dict.fromkeys(subjects, Known())
    movies = [int(key_of(name)) for name in subjects if name.startswith("movie:")]
    streams = [UUID(str(key_of(name))) for name in subjects if name.startswith("stream:")]
    return {**unknown, **dict(_movies(movies)), **dict(_streams(streams))}


def live_subjects() -> list[str]:
    """Return the subjects of all streams that are live, those too that nobody watches."""
    return [stream_subject(key) for key in Stream.objects.live().values_list("pk", flat=True)]


def titles(known: Mapping[str, Known]) -> dict[str, str]:
    return {PORTAL: "", **{name: each.title for name, each in known.items()}}


def _movies(keys: Iterable[int]) -> Iterator[tuple[str, Known]]:
    for movie in Movie.objects.filter(pk__in=keys).prefetch_related("windows", "genres"):
        known = Known(title=movie.title, told=(movie_groups.movie(movie.pk),), judged_by=MovieEvent.of(movie).facts())
        yield f"movie:{movie.pk}", known


def _streams(keys: Iterable[UUID]) -> Iterator[tuple[str, Known]]:
    for stream in Stream.objects.filter(pk__in=keys).select_related("channel"):
        facts = StreamFacts.of(stream)
        listed = (stream_groups.LIVE,) if facts.visibility == PUBLIC else ()
        known = Known(
            title=stream.title or stream.channel.title,
            told=(*facts.followers(), *listed),
            judged_by=facts.facts(),
            stream=stream,
        )
        yield f"stream:{stream.pk}", known
