"""JSON Web Tokens for API clients: a short access token, and a refresh token that works once."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.utils import datetime_from_epoch

from portal.errors import NotSignedIn
from portal.models import User

# A mark of the password that was in force when the token was issued: changing the password ends every token.
CREDENTIAL_CLAIM = "cred"
_MARK_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedTokens:
    """What a client gets. `expires_in_s` is the life of the access token."""

    access: str
    refresh: str
    expires_in_s: int


def credential_mark(user: User) -> str:
    """Return the part of a keyed hash of the account's stored password that its tokens carry."""
    return user.get_session_auth_hash()[:_MARK_LENGTH]


def issue_tokens(user: User, *, at: datetime) -> IssuedTokens:
    """Make a pair of tokens for a person who has just proved who they are."""
    refresh = RefreshToken()
    refresh[api_settings.USER_ID_CLAIM] = str(user.pk)
    refresh[CREDENTIAL_CLAIM] = credential_mark(user)
    OutstandingToken.objects.create(
        user=user,
        jti=refresh[api_settings.JTI_CLAIM],
        # Only its id is kept: who reads the database cannot sign in with what is there.
        token="",
        created_at=at,
        expires_at=datetime_from_epoch(refresh["exp"]),
    )
    lifetime = api_settings.ACCESS_TOKEN_LIFETIME
    return IssuedTokens(
        access=str(refresh.access_token), refresh=str(refresh), expires_in_s=int(lifetime.total_seconds())
    )


def rotate_tokens(presented: str, *, at: datetime) -> IssuedTokens:
    """Exchange a refresh token for a new pair. Of calls with the same token, one succeeds.

    Raises:
        NotSignedIn: it is not one of ours, has expired, was used before, or its account may not sign in any more.
    """
    try:
        refresh = RefreshToken(presented)  # type: ignore[arg-type]  # its annotation says Token; it decodes text
    except TokenError as error:
        raise NotSignedIn(_("This refresh token is not valid, or not any more.")) from error
    with transaction.atomic():
        outstanding = (
            OutstandingToken.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(jti=refresh[api_settings.JTI_CLAIM])
            .first()
        )
        user = outstanding.user if outstanding else None
        if outstanding is None or user is None or not _may_rotate(user, refresh):
            raise NotSignedIn(_("This refresh token is not valid, or not any more."))
        _used, is_first_use = BlacklistedToken.objects.get_or_create(token=outstanding)
        if not is_first_use:
            raise NotSignedIn(_("This refresh token was used before."))
        return issue_tokens(user, at=at)


def _may_rotate(user: User, refresh: RefreshToken) -> bool:
    return user.is_active and refresh.get(CREDENTIAL_CLAIM) == credential_mark(user)
