"""Errors of the analytics app.

PortalError
├── BeaconTokenForged        beacon-token-forged    401
├── BeaconTokenExpired       beacon-token-expired   403
└── PeriodTooLong            period-too-long        422
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


class PeriodTooLong(PortalError):
    """The period has more seconds, minutes or hours than are answered at once, which are `most_points`.

    Ask for a shorter period, or for a coarser `resolution`; `auto` takes the one that fits best.
    """

    code = "period-too-long"
    title = _("The period is too long for this resolution")
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, *, resolution: str, most_points: int) -> None:
        detail = _("At most %(most)d points are answered at once.") % {"most": most_points}
        fault = {"parameter": "resolution", "code": self.code, "detail": str(detail)}
        super().__init__(detail, most_points=most_points, resolution=str(resolution), errors=[fault])
