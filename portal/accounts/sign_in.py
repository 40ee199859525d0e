"""The one way in, for pages, admin and API alike: throttled, audited, and silent about which names exist."""

from datetime import datetime
from enum import StrEnum

from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.http import HttpRequest

from portal import audit, rate_limits
from portal.accounts.addresses import client_network, fingerprint
from portal.accounts.tokens import IssuedTokens, issue_tokens
from portal.errors import WrongCredentials
from portal.models import User

_NAME_LENGTH = 150


class Via(StrEnum):
    """The door that somebody came through, as the audit trail names it."""

    SESSION = "session"
    TOKEN = "token"


def sign_in_session(request: HttpRequest, *, name: str, password: str, at: datetime) -> User:
    """Sign a person in to a fresh session. Raises WrongCredentials or TooManyRequests."""
    user = _verify(request, name=name, password=password, via=Via.SESSION, at=at)
    with transaction.atomic():
        # Also changes the session's key, so that one planted before is worth nothing.
        login(request, user)
        _record_entry(request, user, via=Via.SESSION, at=at)
    return user


def sign_in_for_tokens(request: HttpRequest, *, name: str, password: str, at: datetime) -> IssuedTokens:
    """Issue tokens to an API client. Raises WrongCredentials or TooManyRequests."""
    user = _verify(request, name=name, password=password, via=Via.TOKEN, at=at)
    with transaction.atomic():
        user.last_login = at
        user.save(update_fields=["last_login"])
        _record_entry(request, user, via=Via.TOKEN, at=at)
        return issue_tokens(user, at=at)


def sign_out_session(request: HttpRequest, *, at: datetime) -> None:
    """End the session; nothing happens if nobody is signed in."""
    user = request.user
    if not isinstance(user, User):
        return
    with transaction.atomic():
        audit.record("user.signed_out", user, by=user, at=at, after={"via": Via.SESSION.value})
        logout(request)


def limit_attempts(request: HttpRequest, name: str) -> None:
    """Count one attempt to prove to be `name`. Raises TooManyRequests.

    By name and network, so that nobody can lock another person out; and by network alone, against one guess per name.
    """
    network = client_network(request)
    rate_limits.check("sign-in", name.casefold(), network)
    rate_limits.check("sign-in-network", network)


def _verify(request: HttpRequest, *, name: str, password: str, via: Via, at: datetime) -> User:
    limit_attempts(request, name)
    user = authenticate(request, username=name, password=password)
    if not isinstance(user, User):
        with transaction.atomic():
            # There may be no such account: the entry's object is the name as it was given.
            claimed = User(username=name[:_NAME_LENGTH])
            audit.record("user.sign_in_failed", claimed, by=None, at=at, after=_origin(request, via))
        raise WrongCredentials
    rate_limits.forget("sign-in", name.casefold(), client_network(request))
    return user


def _record_entry(request: HttpRequest, user: User, *, via: Via, at: datetime) -> None:
    audit.record("user.signed_in", user, by=user, at=at, after=_origin(request, via))


def _origin(request: HttpRequest, via: Via) -> dict[str, str]:
    return {"via": via.value, "client": fingerprint(request)}
