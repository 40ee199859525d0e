"""Figures as they change, as open pages are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from analytics import groups
from portal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerCountChanged(Event):
    """How many people watch has changed; once a second at most, whatever the crowd.

    Goes to whoever has the page of the movie or the channel open, or follows the stream itself; and to the list of who
    is on air. `subject` is "movie:<id>" or "stream:<uuid>".
    """

    type: ClassVar[str] = "viewer_count.changed"
    subject: str
    viewers: int
    # Names of the groups that hear of it, and what consumers judge by: for the server alone.
    told: tuple[str, ...]
    judged_by: Mapping[str, object]

    def groups(self) -> tuple[str, ...]:
        return self.told

    def data(self) -> Mapping[str, object]:
        return {"subject": self.subject, "viewers": self.viewers}

    def facts(self) -> Mapping[str, object]:
        return self.judged_by


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceSampled(Event):
    """The latest second of everything that is watched.

    Goes to whoever has the dashboard open, each second. `at` is that second, in seconds since 1970; `subjects` holds
    one MetricSecond each, with its `subject` and `title`, the portal as a whole first; those of streams have `health`,
    too, its verdict and the codes of its findings. All of it is provisional.
    """

    type: ClassVar[str] = "audience.sampled"
    at: int
    subjects: tuple[Mapping[str, Any], ...]

    def groups(self) -> tuple[str, ...]:
        return (groups.DASHBOARD,)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSampled(Event):
    """The latest second of one stream.

    Goes to those who run it and have its figures open, each second. `at` is that second, in seconds since 1970;
    `metrics` are the members of a MetricSecond; `health` is as in the answer of `streams/<id>/health/`, in
    the portal's own language, null where the stream is gone.
    """

    type: ClassVar[str] = "stream_metrics.sampled"
    stream: str
    at: int
    metrics: Mapping[str, Any]
    health: Mapping[str, Any] | None

    def groups(self) -> tuple[str, ...]:
        return (groups.stream_metrics(self.stream),)
