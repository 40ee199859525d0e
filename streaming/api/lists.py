"""What the lists of the desk have in common."""

from typing import Any, TypeVar

from django.db.models import Model
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.conditional import tagged
from portal.api.filters import StrictFilterBackend
from portal.api.pagination import CursorPages

Row = TypeVar("Row", bound=Model)
LONGEST_SLUG = 120


class DeskList(ListAPIView[Row]):
    """A list in pages for those who run the portal; it need not be sent again while it stays the same."""

    filter_backends = (StrictFilterBackend,)
    pagination_class = CursorPages

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return tagged(request, self.list(request).data)
