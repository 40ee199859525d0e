"""Sign-in for API clients, and who they are."""

from dataclasses import asdict, dataclass

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal import clock
from portal.accounts import sign_in, tokens
from portal.accounts.roles import roles_of
from portal.accounts.tokens import IssuedTokens
from portal.api.schema import problems
from portal.api.serializers import StrictSerializer
from portal.errors import NotSignedIn, WrongCredentials
from portal.models import User

_PAIR = OpenApiExample(
    "Tokens",
    value={"access": "eyJhbGciOi…", "refresh": "eyJhbGciOi…", "expires_in_s": 600},
    response_only=True,
)


class CredentialsSerializer(StrictSerializer):
    username = serializers.CharField(max_length=254, help_text="User name or e-mail address, in any case.")
    password = serializers.CharField(max_length=4096, trim_whitespace=False, write_only=True)


class RefreshSerializer(StrictSerializer):
    refresh = serializers.CharField(max_length=4096, help_text="The latest refresh token: each works once.")


class TokensSerializer(serializers.Serializer[IssuedTokens]):
    access = serializers.CharField(help_text="Send it as `Authorization: Bearer <access>`.")
    refresh = serializers.CharField(help_text="Exchange it for the next pair before it expires.")
    expires_in_s = serializers.IntegerField(help_text="Seconds until the access token expires.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The account that makes the call."""

    id: int
    username: str
    email: str
    display_name: str
    language: str
    is_staff: bool
    is_superuser: bool
    roles: tuple[str, ...]
    permissions: tuple[str, ...]

    @classmethod
    def of(cls, user: User) -> "Me":
        return cls(
            id=user.pk,
            username=user.username,
            email=user.email,
            display_name=user.shown_name,
            language=user.language,
            is_staff=user.is_staff,
            is_superuser=user.is_superuser,
            roles=tuple(role.value for role in roles_of(user)),
            permissions=tuple(sorted(user.get_all_permissions())),
        )


class MeSerializer(serializers.Serializer[Me]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    email = serializers.CharField(help_text="Empty if there is none.")
    display_name = serializers.CharField()
    language = serializers.CharField(help_text="Empty: as the client asks.")
    is_staff = serializers.BooleanField(help_text="May enter the admin.")
    is_superuser = serializers.BooleanField(help_text="May do everything.")
    roles = serializers.ListField(child=serializers.CharField(), help_text="viewer, editor, broadcaster, operator.")
    permissions = serializers.ListField(child=serializers.CharField(), help_text="As `app.codename`.")


class TokenView(APIView):
    """Sign in with name and password."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    # The sign-in counts its own attempts, by name and by network.
    throttle_classes = ()

    @extend_schema(
        operation_id="auth_token_create",
        tags=["auth"],
        request=CredentialsSerializer,
        responses={200: TokensSerializer, **problems(WrongCredentials)},
        examples=[
            OpenApiExample("Sign in", value={"username": "ada", "password": "correct horse"}, request_only=True),
            _PAIR,
        ],
    )
    def post(self, request: Request) -> Response:
        credentials = CredentialsSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        issued = sign_in.sign_in_for_tokens(
            request._request,
            name=credentials.validated_data["username"],
            password=credentials.validated_data["password"],
            at=clock.now(),
        )
        return _answer(issued)


class TokenRefreshView(APIView):
    """Exchange a refresh token for a new pair; of calls with the same token, one succeeds."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "token"

    @extend_schema(
        operation_id="auth_token_refresh_create",
        tags=["auth"],
        request=RefreshSerializer,
        responses={200: TokensSerializer, **problems(NotSignedIn)},
        examples=[_PAIR],
    )
    def post(self, request: Request) -> Response:
        serializer = RefreshSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return _answer(tokens.rotate_tokens(serializer.validated_data["refresh"], at=clock.now()))


class MeView(APIView):
    """Tell which account makes the call, and what it may do."""

    @extend_schema(operation_id="auth_me_retrieve", tags=["auth"], responses=MeSerializer)
    def get(self, request: Request) -> Response:
        assert isinstance(request.user, User), "only the signed-in come here"
        return Response(MeSerializer(Me.of(request.user)).data)


def _answer(issued: IssuedTokens) -> Response:
    return Response(asdict(issued), headers={"Cache-Control": "no-store", "Pragma": "no-cache"})
