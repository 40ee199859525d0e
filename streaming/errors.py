"""Errors of the streaming app.

PortalError
├── StreamKeyUnknown     stream-key-unknown   403
├── StreamKeyExpired     stream-key-expired   403
├── ChannelIsLive        channel-is-live      409
└── StreamIsOver         stream-is-over       409
"""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from portal.errors import PortalError


class StreamKeyUnknown(PortalError):
    """No channel has this stream key, or the key was revoked.

    Copy the key again, whole and without spaces, or have a new one issued.
    """

    code = "stream-key-unknown"
    title = _("Unknown stream key")
    status = HTTPStatus.FORBIDDEN


class StreamKeyExpired(PortalError):
    """The stream key was valid until its expiry date, which has passed. Have a new one issued."""

    code = "stream-key-expired"
    title = _("The stream key has expired")
    status = HTTPStatus.FORBIDDEN


class ChannelIsLive(PortalError):
    """Another encoder publishes to this channel at the moment; stop it first."""

    code = "channel-is-live"
    title = _("The channel is live already")
    status = HTTPStatus.CONFLICT


class StreamIsOver(PortalError):
    """The stream has ended; what was asked for is possible only while it is live. `state` is the one it is in."""

    code = "stream-is-over"
    title = _("The stream is over")
    status = HTTPStatus.CONFLICT
