"""What the owner of the server and the server say to each other about a publisher."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from streaming.rtmp.events import EndReason, MediaMessage
from streaming.rtmp.redaction import Secret


class PublishRefused(Exception):
    """The owner does not admit a publisher. `description` is shown to the broadcaster."""

    def __init__(self, description: str) -> None:
        super().__init__(description)
        self.description = description


class PublishedStream:
    """The owner's handle on a publisher, admitted or about to be."""

    def __init__(self, kick: Callable[[str], None]) -> None:
        self._kick = kick

    def kick(self, description: str) -> None:
        """End the connection; the broadcaster is shown the description. Later calls do nothing."""
        self._kick(description)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRequest:
    """A peer that wants to publish; the first five fields are those of `PublishRequested`.

    Attributes:
        peer: address and port, for logs and audit.
        stream: kicks the publisher, now or at any later time.
    """

    app: str
    stream_key: Secret
    stream_name: str | None
    tc_url: Secret
    encoder: str
    peer: str
    stream: PublishedStream


class PublishSink(Protocol):
    """Where the owner takes what an admitted publisher sends."""

    def media(self, message: MediaMessage) -> None:
        """Take one message. Must not block: it runs between two reads of the socket."""

    async def ended(self, reason: EndReason) -> None:
        """Learn that no more media follows. Called once for each admission."""


Admit: TypeAlias = Callable[[PublishRequest], Awaitable[PublishSink]]
