"""Pages by cursor: `{"next", "previous", "results"}`.

A cursor names the row that a page ends at, not a number of rows to skip: a page costs the same however deep it is, and
rows that come or go meanwhile neither repeat nor hide others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from portal.errors import MalformedRequest

CURSOR_PARAM = "cursor"
PAGE_SIZE_PARAM = "page_size"
LARGEST_PAGE = 100
_USUAL_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A place beside one row, whose ordering fields are `values`; the page goes on from there, or back."""

    values: tuple[str | int, ...]
    is_backward: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The rows of one page in the order of the list, and the cursors of its neighbours."""

    rows: list[Any]
    previous: Cursor | None
    next: Cursor | None


class CursorPages(BasePagination):
    """Page a queryset along `ordering`, or the view's `page_ordering`, such as `("-at", "-id")`.

    The last field is unique and none is nullable, so that together they name one row. `usual` is the size of a page for
    those who name none.
    """

    def __init__(self, ordering: tuple[str, ...] = (), *, usual: int = _USUAL_PAGE) -> None:
        self._ordering, self._usual = ordering, usual

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        ordering = self._ordering or view.page_ordering  # type: ignore[union-attr]  # each view of this class has one
        self._signer = signing.Signer(salt=f"portal.api.pagination {queryset.model._meta.label} {ordering}")
        self._url = request.build_absolute_uri()
        cursor = self._read_cursor(request.query_params.get(CURSOR_PARAM))
        self._page = read_page(queryset, ordering, cursor, size=read_page_size(request.query_params, usual=self._usual))
        return self._page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self._link(self._page.next), "previous": self._link(self._page.previous), "results": data}
        )

    def get_paginated_response_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        sizes = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": self._usual}
        return [
            {
                "name": CURSOR_PARAM,
                "in": "query",
                "description": "From `next` or `previous` of another page.",
                "schema": {"type": "string"},
            },
            {"name": PAGE_SIZE_PARAM, "in": "query", "description": "Rows on a page.", "schema": sizes},
        ]

    def _read_cursor(self, presented: str | None) -> Cursor | None:
        if not presented:
            return None
        try:
            is_backward, *values = self._signer.unsign_object(presented)
        except signing.BadSignature:
            raise MalformedRequest(_("This cursor does not belong to this list.")) from None
        return Cursor(values=tuple(values), is_backward=is_backward)

    def _link(self, cursor: Cursor | None) -> str | None:
        if cursor is None:
            return None
        text = self._signer.sign_object([cursor.is_backward, *cursor.values])
        return page_url(self._url, text)


def read_page_size(params: Mapping[str, str], *, usual: int = _USUAL_PAGE) -> int:
    """Return how many rows a page of the API shall have. Raises MalformedRequest."""
    text = params.get(PAGE_SIZE_PARAM, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= LARGEST_PAGE):
        raise MalformedRequest(_("page_size takes 1 to %(most)d.") % {"most": LARGEST_PAGE})
    return int(text)


def page_url(url: str, cursor: str) -> str:
    """Return the address of another page of the list at `url`."""
    return replace_query_param(remove_query_param(url, CURSOR_PARAM), CURSOR_PARAM, cursor)


def read_page(queryset: QuerySet[Any], ordering: Sequence[str], cursor: Cursor | None, *, size: int) -> Page:
    """Read the page of `size` rows that `cursor` points at; None is the first page."""
    is_backward = cursor is not None and cursor.is_backward
    fields = [_reverse(field) for field in ordering] if is_backward else list(ordering)
    if cursor is not None:
        queryset = queryset.filter(_beyond(fields, cursor.values))
    # One row more than the page holds tells whether another page follows.
    rows = list(queryset.order_by(*fields)[: size + 1])
    goes_on, rows = len(rows) > size, rows[:size]
    if is_backward:
        rows.reverse()
    has_next = is_backward or goes_on
    has_previous = goes_on if is_backward else cursor is not None
    return Page(
        rows=rows,
        previous=Cursor(values=_values(rows[0], ordering), is_backward=True) if rows and has_previous else None,
        next=Cursor(values=_values(rows[-1], ordering)) if rows and has_next else None,
    )


def _beyond(fields: Sequence[str], values: Sequence[str | int]) -> Q:
    """Select the rows after the one with these values, in the order of `fields`."""
    # The first field alone, once more: with it PostgreSQL can walk the index from that row on.
    beyond = Q(**{f"{_name(fields[0])}__{_comparison(fields[0])}e": values[0]})
    tail, alternatives = Q(), Q()
    for field, value in zip(fields, values, strict=True):
        alternatives |= tail & Q(**{f"{_name(field)}__{_comparison(field)}": value})
        tail &= Q(**{_name(field): value})
    return beyond & alternatives


def _values(row: Any, ordering: Sequence[str]) -> tuple[str | int, ...]:
    return tuple(_plain(getattr(row, _name(field))) for field in ordering)


def _plain(value: Any) -> str | int:
    """Return what JSON can hold and the model's field can read again, to the microsecond."""
    if isinstance(value, int):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _name(field: str) -> str:
    return field.removeprefix("-")


def _reverse(field: str) -> str:
    return _name(field) if field.startswith("-") else f"-{field}"


def _comparison(field: str) -> str:
    return "lt" if field.startswith("-") else "gt"
