"""Filters that answer a bad query instead of ignoring it."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from portal.api.pagination import CURSOR_PARAM, PAGE_SIZE_PARAM
from portal.errors import MalformedRequest

_ALWAYS_KNOWN = frozenset({CURSOR_PARAM, PAGE_SIZE_PARAM})


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]  # django-filter has no types
    """Apply the view's `filterset_class`, if it has one; a parameter that is unknown or of a wrong form is refused.

    The view names those that it reads itself in `other_parameters`.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        known = {*_ALWAYS_KNOWN, *getattr(view, "other_parameters", ()), *(filterset.filters if filterset else ())}
        faults = _unknown(request, known)
        for name, problems in filterset.errors.get_json_data().items() if filterset else ():
            faults += [_fault(name, problem["code"], problem["message"]) for problem in problems]
        if faults:
            raise MalformedRequest(_("Some parameters of the query cannot be used."), errors=faults)
        filtered: QuerySet[Any] = filterset.qs if filterset else queryset
        return filtered


def refuse_unknown(request: Request, *known: str) -> None:
    """Raise MalformedRequest if the query has other parameters than these."""
    faults = _unknown(request, known)
    if faults:
        raise MalformedRequest(_("Some parameters of the query cannot be used."), errors=faults)


def _unknown(request: Request, known: Collection[str]) -> list[dict[str, str]]:
    detail = _("There is no such parameter.")
    return [_fault(name, "unknown", detail) for name in request.query_params if name not in known]


def _fault(parameter: str, code: str, detail: str) -> dict[str, str]:
    return {"parameter": parameter, "code": code, "detail": detail}
