"""How many watch streams, and streams as sockets and the API tell them alike: where they stand, and by how many."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from portal import audience
from streaming.live_events import StreamState
from streaming.models import Stream


def viewers_of_streams(stream_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Return how many watch each, asked for at once; what is left out is not known."""
    subjects = {audience.stream_subject(stream_id): stream_id for stream_id in stream_ids}
    return {subjects[subject]: viewers for subject, viewers in audience.viewers_of(subjects.keys()).items()}


def describe_streams(streams: Sequence[Stream]) -> list[dict[str, Any]]:
    """Return the members of StreamState of each, and its `viewers`: None where nobody knows how many."""
    viewers = viewers_of_streams([stream.pk for stream in streams])
    return [{**asdict(StreamState.of(stream)), "viewers": viewers.get(stream.pk)} for stream in streams]


def describe_stream(stream: Stream) -> dict[str, Any]:
    (described,) = describe_streams([stream])
    return described
