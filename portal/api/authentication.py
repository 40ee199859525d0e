"""Who calls: an access token in the Authorization header, or the session of our own pages."""

from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import Token

from portal.accounts.tokens import CREDENTIAL_CLAIM, credential_mark
from portal.models import User


class AccessTokenAuthentication(JWTAuthentication):
    """Accept our access tokens until they expire, their account is closed, or its password changes."""

    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]  # AuthUser is User here
        user = super().get_user(validated_token)
        assert isinstance(user, User)
        if not constant_time_compare(str(validated_token.get(CREDENTIAL_CLAIM, "")), credential_mark(user)):
            raise AuthenticationFailed(_("The password has changed since this token was issued."))
        return user
