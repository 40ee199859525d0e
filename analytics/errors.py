"""Errors of the analytics app.

PortalError
└── PeriodTooLong   period-too-long   422
"""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from portal.errors import PortalError


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
