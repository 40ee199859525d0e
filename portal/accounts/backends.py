"""Who is it? By user name or e-mail address, in any case."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import HttpRequest

from portal.models import User


class NameOrEmailBackend(ModelBackend):
    """Check a password against the account of that name, or else of that e-mail address."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        user = find_user(username)
        if user is None:
            # As long as for a known name, so that the time does not tell which names exist.
            User().set_password(password)
            return None
        is_right = user.check_password(password)
        return user if is_right and self.user_can_authenticate(user) else None


def find_user(name: str) -> User | None:
    """Return the account that signs in as `name`; a user name goes before an e-mail address."""
    return _by("username", name).first() or _by("email", name).exclude(email="").first()


def _by(field: str, name: str) -> QuerySet[User]:
    # PostgreSQL folds both sides, so that its unique index on lower(...) is what answers.
    return User.objects.filter(Exact(Lower(field), Lower(Value(name))))
