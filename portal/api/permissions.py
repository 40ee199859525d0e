"""Who may call an endpoint at all. Which objects they then see is for the app's `access.py`."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class HasPermission(BasePermission):
    """Require the permission that the view names: `required_permission = "catalog.change_movie"`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        permission: str = view.required_permission  # type: ignore[attr-defined]  # each view of this class has one
        return bool(request.user.has_perm(permission))
