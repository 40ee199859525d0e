"""Figures of the portal as a whole, for operators."""

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import access
from analytics.api.csv_files import CSV_FILE, MOST_ROWS, CSVRenderer, csv_answer, series_pieces, table
from analytics.api.figures import TITLE_COLUMNS, PortalAudienceSerializer, portal_json, title_json
from analytics.api.parameters import PERIOD, PERIOD_NAMES, read_period, read_resolution, refuse
from analytics.api.streams import EXPORT
from analytics.counting.figures import PORTAL
from analytics.errors import PeriodTooLong
from analytics.reading.audience import latest_period, read_portal
from analytics.reading.periods import Days
from analytics.reading.series import settle
from analytics.reading.titles import read_top_titles
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.schema import problems
from portal.errors import NotFound

_TABLE = "table"
_SERIES, _TITLES = "series", "titles"
_MOST_TITLES_IN_A_FILE = 1000


class PortalAudienceView(APIView):
    """Who watches anything at all."""

    @extend_schema(
        operation_id="audience_retrieve",
        tags=["audience"],
        parameters=[*PERIOD, IF_NONE_MATCH],
        responses={200: PortalAudienceSerializer, **NOT_MODIFIED, **problems(NotFound, PeriodTooLong)},
    )
    def get(self, request: Request) -> Response:
        """Read the line of the whole portal, what was watched most, and both against the days before.

        Without a period: the last hour. Totals and titles are of the whole days (UTC) that the period touches, of
        sessions that are over.
        """
        refuse_unknown(request, *PERIOD_NAMES)
        access.require_sight_of_portal(request.user)
        at = clock.now()
        period = read_period(request, latest_period(at=at))
        return tagged(request, portal_json(read_portal(period, at=at, resolution=read_resolution(request))))


class PortalAudienceFileView(APIView):
    """The same as a file."""

    renderer_classes = (CSVRenderer,)
    throttle_scope = EXPORT

    @extend_schema(
        operation_id="audience_csv",
        tags=["audience"],
        parameters=[
            *PERIOD,
            OpenApiParameter(_TABLE, str, enum=[_SERIES, _TITLES], description="Absent: the line."),
        ],
        responses={**CSV_FILE, **problems(NotFound, PeriodTooLong)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Read the line as CSV, in which there is room for a day of seconds; or what was watched most."""
        refuse_unknown(request, *PERIOD_NAMES, _TABLE)
        access.require_sight_of_portal(request.user)
        at, wanted = clock.now(), request.query_params.get(_TABLE, _SERIES)
        period, resolution = read_period(request, latest_period(at=at)), read_resolution(request)
        if wanted not in (_SERIES, _TITLES):
            refuse(_TABLE, "invalid", _("“table” takes series or titles."))
        # A file of titles too is of no longer than a line could be.
        extent = settle(period, at=at, resolution=resolution, most=MOST_ROWS)
        if wanted == _TITLES:
            return csv_answer("titles", table(TITLE_COLUMNS, _title_rows(period.days)))
        return csv_answer("audience", series_pieces(PORTAL, extent, at=at))


def _title_rows(days: Days) -> list[list[object]]:
    titles = read_top_titles(days, most=_MOST_TITLES_IN_A_FILE)
    return [[row[name] for name in TITLE_COLUMNS] for row in map(title_json, titles)]
