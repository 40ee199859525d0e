"""Errors of the analytics app.

PortalError
├── BeaconTokenForged        beacon-token-forged    401
└── BeaconTokenExpired       beacon-token-expired   403
"""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from portal.errors import PortalError


class BeaconTokenForged(PortalError):
    """The token of the beacon is none of ours, so nothing of the beacon was counted.

    A player gets its token with its session, as `beacon.token`, and sends it unchanged.
    """

    code = "beacon-token-forged"
    title = _("This token is none of ours")
    status = HTTPStatus.UNAUTHORIZED


class BeaconTokenExpired(PortalError):
    """The session that the token belongs to is over. Nothing of the beacon was counted.

    Whoever watches on has another session, with another token.
    """

    code = "beacon-token-expired"
    title = _("The session of this token is over")
    status = HTTPStatus.FORBIDDEN
