"""Who takes the files that were uploaded: an app that may not be imported from here tells it when it starts."""

from datetime import datetime
from typing import Protocol

from catalog.models import Upload


class Receiver(Protocol):
    """Called in the transaction of the change; called again for the same upload it must do no harm."""

    def receive(self, upload: Upload, *, at: datetime) -> None:
        """Take a finished upload, or learn that it got its movie, or that it was found whole."""

    def discard(self, upload: Upload, *, at: datetime) -> None:
        """Forget an upload whose file is damaged or deleted."""


_receivers: list[Receiver] = []


def register(receiver: Receiver) -> None:
    _receivers.append(receiver)


def hand_over(upload: Upload, *, at: datetime) -> None:
    for receiver in _receivers:
        receiver.receive(upload, at=at)


def take_back(upload: Upload, *, at: datetime) -> None:
    for receiver in _receivers:
        receiver.discard(upload, at=at)
