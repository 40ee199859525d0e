"""What the lists of genres, tags and people have in common."""

from typing import Any, TypeVar

from django.db.models import Model
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.movies import THROTTLES
from catalog.viewpoints import Viewpoint, viewpoint_of
from portal.api.conditional import tagged
from portal.api.filters import StrictFilterBackend
from portal.api.pagination import CursorPages

Row = TypeVar("Row", bound=Model)


class CatalogueList(ListAPIView[Row]):
    """A list in pages that need not be sent again while they stay the same."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    filter_backends = (StrictFilterBackend,)
    pagination_class = CursorPages
    throttle_scopes = THROTTLES

    @property
    def viewpoint(self) -> Viewpoint:
        return viewpoint_of(self.request)

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return tagged(request, self.list(request).data)
