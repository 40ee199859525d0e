"""Figures as CSV files (RFC 4180), sent while they are read."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiResponse
from rest_framework.renderers import BaseRenderer

from analytics.reading.periods import MOST_POINTS, Period
from analytics.reading.series import COLUMNS, Extent, Series, read_extent

# A day of seconds; more than fits on a screen, but not more than a spreadsheet opens.
MOST_ROWS = 86_400
CSV_FILE = {(200, "text/csv"): OpenApiResponse(response=str, description="UTF-8; the first row names the columns.")}
# By it spreadsheets know UTF-8.
_BYTE_ORDER_MARK = "\ufeff"
# With these a spreadsheet begins a formula, whoever wrote it; an apostrophe before them makes it text. Where it takes
# a semicolon or a tab for what parts cells, another cell begins behind that, whatever quotes are around.
_FORMULA = re.compile(r"((?:^|[;\t\r\n])\s*)(?=[=+\-@＝＋－＠])")

Rows = Iterable[Sequence[object]]


class CSVRenderer(BaseRenderer):
    """Lets who accepts nothing but CSV have it; what is answered renders itself."""

    media_type = "text/csv"
    format = "csv"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        return data


def csv_answer(name: str, pieces: AsyncIterator[Rows]) -> StreamingHttpResponse:
    """Answer with a file of this name, to be kept by who asked and nobody on the way."""
    return StreamingHttpResponse(
        _written(pieces),
        content_type="text/csv; charset=utf-8; header=present",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "private, no-store"},
    )


async def table(header: Sequence[str], rows: Rows) -> AsyncIterator[Rows]:
    """Tell a table that was read before."""
    yield [header]
    yield rows


async def series_pieces(subject: str, extent: Extent, *, at: datetime) -> AsyncIterator[Rows]:
    """Read a line piece by piece, so that a long one takes no more memory than a short one."""
    yield [list(COLUMNS)]
    for piece in _pieces(extent):
        yield _series_rows(await sync_to_async(read_extent)(subject, piece, at=at))


def _pieces(extent: Extent) -> Iterator[Extent]:
    start, length = extent.period.starts_at, extent.resolution.span * MOST_POINTS
    while start < extent.period.ends_at:
        period = Period(starts_at=start, ends_at=min(start + length, extent.period.ends_at))
        yield Extent(period=period, resolution=extent.resolution, is_coarser=extent.is_coarser)
        start += length


def _series_rows(series: Series) -> Iterator[list[object]]:
    for at, *figures in zip(*series.columns().values(), strict=True):
        yield [datetime.fromtimestamp(at, UTC), *figures]


async def _written(pieces: AsyncIterator[Rows]) -> AsyncIterator[bytes]:
    mark = _BYTE_ORDER_MARK
    async for rows in pieces:
        text = io.StringIO()
        csv.writer(text).writerows([cell_of(value) for value in row] for row in rows)
        yield (mark + text.getvalue()).encode()
        mark = ""


def cell_of(value: object) -> object:
    """Return what stands in a cell for a value; texts cannot begin a formula."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        # Players say how qualities are called.
        return _without_formulas(json.dumps(value, ensure_ascii=False))
    if isinstance(value, float):
        return round(value, 3)
    return _without_formulas(value) if isinstance(value, str) else value


def _without_formulas(text: str) -> str:
    return _FORMULA.sub(r"\1'", text)
