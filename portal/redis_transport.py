"""Celery's road to Redis: Kombu's own transport, with one mend that keeps a worker alive when Redis goes away.

Kombu 5.7 (with redis-py 7) lets go of a connection that is lost before its channel is closed. What the channel still
asks for then, giving back and acknowledging the tasks that are running, fails with an AttributeError, for which Celery
is not prepared: the worker ends, and with it the films that it packages. Here it is the loss of a connection, for which
it is. The tasks go on; as they cannot be acknowledged, they are handed out once more when their visibility timeout is
over, as those of a worker that has died.
"""

from typing import Any

import redis
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as kombu_redis


class Channel(kombu_redis.Channel):
    """A channel that knows when its connection is gone."""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection.client is None:
            raise redis.ConnectionError("The connection of this channel has been let go of.")
        parameters: dict[str, Any] = super()._connparams(asynchronous=asynchronous)  # type: ignore[misc]  # no stub
        return parameters


class Transport(kombu_redis.Transport):
    """Makes such channels."""

    Channel = Channel


def connect() -> None:
    """Have Celery use it for every redis:// address; called once, before anything is connected."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:Transport"))
