"""How many watch what stands in a list, asked for once for the whole page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.admin.views.main import ChangeList

from portal.viewer_wording import exact_figure
from streaming.viewers import viewers_of_streams


def with_viewers(changelist: ChangeList, stream_of: Callable[[Any], UUID | None]) -> ChangeList:
    """Give each row of the page its `viewers_now`; `stream_of` returns its live stream, None for one that has none."""
    rows = {row: stream_of(row) for row in changelist.result_list}
    viewers = viewers_of_streams([stream_id for stream_id in rows.values() if stream_id])
    for row, stream_id in rows.items():
        row.viewers_now = viewers.get(stream_id) if stream_id else None
    return changelist


def viewers_words(row: Any) -> str:
    return "–" if row.viewers_now is None else exact_figure(row.viewers_now)
