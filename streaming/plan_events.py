"""What happens to broadcasts that are announced, as open pages are told."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from portal.events import Event
from streaming import groups
from streaming.live_events import PUBLIC

if TYPE_CHECKING:
    from streaming.models import PlannedStream


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanState:
    """An announced broadcast: the `data` of its events, and what snapshots hold.

    `channel` is the last part of the channel's address; moments are ISO 8601. `cancelled_at` is null unless it was
    called off.
    """

    id: str
    channel: str
    title: str
    description: str
    starts_at: str
    created_at: str
    cancelled_at: str | None

    @classmethod
    def of(cls, plan: "PlannedStream") -> Self:
        return cls(
            id=str(plan.pk),
            channel=plan.channel.slug,
            title=plan.title,
            description=plan.description,
            starts_at=plan.starts_at.isoformat(),
            created_at=plan.created_at.isoformat(),
            cancelled_at=plan.cancelled_at.isoformat() if plan.cancelled_at else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """What all events of a plan have in common; by `channel_id`, `owner_id` and `visibility` consumers judge."""

    plan: PlanState
    channel_id: int
    owner_id: int
    visibility: str

    @classmethod
    def of(cls, plan: "PlannedStream") -> Self:
        channel = plan.channel
        state = PlanState.of(plan)
        return cls(plan=state, channel_id=channel.pk, owner_id=channel.owner_id, visibility=channel.visibility)

    def groups(self) -> tuple[str, ...]:
        followers = groups.channel(self.channel_id)
        return (followers, groups.LIVE) if self.visibility == PUBLIC else (followers,)

    def data(self) -> Mapping[str, object]:
        return asdict(self.plan)

    def facts(self) -> Mapping[str, object]:
        return {"channel_id": self.channel_id, "owner_id": self.owner_id, "visibility": self.visibility}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamAnnounced(PlanFacts, Event):
    """A broadcast is announced. Goes to whoever has the page of its channel open, or the list of public ones."""

    type: ClassVar[str] = "stream_plan.announced"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPlanChanged(PlanFacts, Event):
    """It will begin at another moment, or is told of in other words. Goes to those who were told of it."""

    type: ClassVar[str] = "stream_plan.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCalledOff(PlanFacts, Event):
    """It will not take place. Goes to those who were told of it."""

    type: ClassVar[str] = "stream_plan.cancelled"
