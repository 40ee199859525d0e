"""What happens to streams, as open pages are told."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from portal.events import Event
from streaming import groups

if TYPE_CHECKING:
    from streaming.models import Stream

# Of channels that lists name.
PUBLIC = "PUBLIC"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """Where a stream stands: the `data` of its events, and what snapshots hold.

    `channel` is the last part of the channel's address; `title` what it was announced as and `plan` the id of that
    announcement, "" and null where it was not; `is_test` says that nobody but who runs the channel is told of it;
    `phase` is one of `starting`, `live`, `reconnecting`, `ended` and `failed`; moments are ISO 8601, null for what has
    not happened. `end_reason` and `error` are "" while it is live. `qualities` are what viewers can choose, the best
    first: `name`, `width_px`, `height_px`, `bitrate_bps`, and `is_copied` where it is what the encoder sends;
    `warnings` are codes of what its broadcaster should know.
    """

    id: str
    channel: str
    title: str
    plan: str | None
    is_test: bool
    state: str
    phase: str
    started_at: str
    active_at: str | None
    playable_at: str | None
    interrupted_at: str | None
    ended_at: str | None
    end_reason: str
    error: str
    dvr_s: int
    width_px: int | None
    height_px: int | None
    qualities: Sequence[Mapping[str, Any]]
    warnings: Sequence[str]

    @classmethod
    def of(cls, stream: "Stream") -> Self:
        return cls(**_members(stream))


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFacts(StreamState):
    """What all events of a stream have in common; by `channel_id`, `owner_id` and `visibility` consumers judge."""

    channel_id: int
    owner_id: int
    visibility: str

    @classmethod
    def of(cls, stream: "Stream") -> Self:
        channel = stream.channel
        visibility = channel.Visibility.PRIVATE.value if stream.is_test else channel.visibility
        members = _members(stream)
        return cls(**members, channel_id=channel.pk, owner_id=channel.owner_id, visibility=visibility)

    def groups(self) -> tuple[str, ...]:
        is_listed = self.visibility == PUBLIC
        return (*self.followers(), groups.LIVE) if is_listed else self.followers()

    def followers(self) -> tuple[str, ...]:
        """Return the groups of those who follow its channel, or itself."""
        return (groups.channel(self.channel_id), groups.stream(self.id))

    def data(self) -> Mapping[str, object]:
        members = asdict(self)
        return {name: members[name] for name in members if name not in self.facts()}

    def facts(self) -> Mapping[str, object]:
        return {"channel_id": self.channel_id, "owner_id": self.owner_id, "visibility": self.visibility}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamAdmitted(StreamFacts, Event):
    """An encoder has connected with a good key; nothing has come of it yet.

    Goes to whoever has the page of its channel open, or follows the stream itself; and to the list of who is on air.
    """

    type: ClassVar[str] = "stream.admitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStarted(StreamFacts, Event):
    """Media flows and is being encoded; a player cannot start yet.

    Goes to whoever has the page of its channel open, or follows the stream itself; and to the list of who is on air.
    """

    type: ClassVar[str] = "stream.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPlayable(StreamFacts, Event):
    """Players can start from now on: ask for a playback session.

    Goes to whoever has the page of its channel open, or follows the stream itself; and to the list of who is on air.
    """

    type: ClassVar[str] = "stream.playable"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInterrupted(StreamFacts, Event):
    """The encoder is gone, and may come back within the grace period; players go on with what they have.

    Goes to whoever has the page of its channel open, or follows the stream itself; and to the list of who is on air.
    """

    type: ClassVar[str] = "stream.interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamResumed(StreamFacts, Event):
    """The encoder is back: the same stream goes on at the same addresses.

    Goes to whoever has the page of its channel open, or follows the stream itself; and to the list of who is on air.
    """

    type: ClassVar[str] = "stream.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEnded(StreamFacts, Event):
    """The stream is over, as streams end; `end_reason` says how.

    Goes to whoever has the page of its channel open, or follows the stream itself; and to the list of who is on air.
    """

    type: ClassVar[str] = "stream.ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFailed(StreamFacts, Event):
    """The stream is over by a fault; `end_reason` and `error` say which.

    Goes to whoever has the page of its channel open, or follows the stream itself; and to the list of who is on air.
    """

    type: ClassVar[str] = "stream.failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityChanged(StreamFacts, Event):
    """What viewers can choose is another by now, or the broadcaster has something new to know.

    Goes to whoever has the page of its channel open, or follows the stream itself.
    """

    type: ClassVar[str] = "quality.changed"

    def groups(self) -> tuple[str, ...]:
        return self.followers()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChanged(Event):
    """A channel that is listed was made, is called otherwise, or is not listed any more; `is_listed` says which.

    Goes to whoever has the list of who is on air open. `channel` is the last part of its address.
    """

    type: ClassVar[str] = "channel.changed"
    channel: str
    is_listed: bool

    def groups(self) -> tuple[str, ...]:
        return (groups.LIVE,)


def _members(stream: "Stream") -> dict[str, Any]:
    moments = ("started_at", "active_at", "playable_at", "interrupted_at", "ended_at")
    plain = (
        "title",
        "is_test",
        "state",
        "end_reason",
        "error",
        "dvr_s",
        "width_px",
        "height_px",
        "qualities",
        "warnings",
    )
    return {
        "id": str(stream.pk),
        "channel": stream.channel.slug,
        "plan": str(stream.plan_id) if stream.plan_id else None,
        "phase": stream.phase.value,
        **{name: _written(getattr(stream, name)) for name in moments},
        **{name: getattr(stream, name) for name in (*plain, "qualities", "warnings")},
    }


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
