"""What figures know of whoever makes the call."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics.privacy.forgetting import count_sessions_of, forget_viewer
from catalog.api.conditions import signed_in
from portal import clock
from portal.api.filters import refuse_unknown


class MyAudienceSerializer(serializers.Serializer[object]):
    sessions = serializers.IntegerField(help_text="How many sessions are known to be of this account.")


class MyAudienceView(APIView):
    """What figures know of one account."""

    @extend_schema(operation_id="auth_me_audience_retrieve", tags=["auth"], responses=MyAudienceSerializer)
    def get(self, request: Request) -> Response:
        """Tell how many sessions are linked to the account that makes the call."""
        refuse_unknown(request)
        return Response({"sessions": count_sessions_of(signed_in(request))})

    @extend_schema(operation_id="auth_me_audience_destroy", tags=["auth"], request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Make them nobody's: they lose the account and the viewer's keys. The figures stay."""
        refuse_unknown(request)
        user = signed_in(request)
        forget_viewer(user=user, by=user, at=clock.now())
        return Response(status=204)
