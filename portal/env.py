"""Read settings from the environment, with errors that name the key.

Parsing is django-environ's. This wrapper adds secrets from files (`NAME_FILE`, as container secrets are mounted)
and one exception type, `BadSetting`, whose sentence says which variable is wrong and what it takes.
"""

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured


class BadSetting(ImproperlyConfigured):
    """An environment variable is missing or malformed."""


class Env:
    """A read-only view of the environment."""

    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        self._variables = variables
        self._parser = environ.Env()
        self._parser.ENVIRON = dict(variables)

    def text(self, name: str, default: str = "") -> str:
        return self._variables.get(name, default).strip()

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if not value:
            return default
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise BadSetting(f"{name} is {value!r}; it takes 1 or 0.")

    def integer(self, name: str, default: int, *, at_least: int = 0, at_most: int = 2**31) -> int:
        value = self.text(name)
        if not value:
            return default
        try:
            number = int(value)
        except ValueError:
            raise BadSetting(f"{name} is {value!r}; it takes a whole number.") from None
        if not at_least <= number <= at_most:
            raise BadSetting(f"{name} is {number}; it takes {at_least} to {at_most}.")
        return number

    def listing(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """Split a comma-separated list; blanks are dropped."""
        value = self.text(name)
        if not value:
            return list(default)
        return [part.strip() for part in value.split(",") if part.strip()]

    def path(self, name: str, default: Path) -> Path:
        return Path(self.text(name) or default).expanduser().absolute()

    def optional_path(self, name: str) -> Path | None:
        return self.path(name, Path()) if self.text(name) else None

    def url(self, name: str, default: str, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """Return an address without a slash at its end."""
        value = self.text(name) or default
        try:
            parts = urlsplit(value)
            is_good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_good = False
        if not is_good or any(character.isspace() for character in value):
            raise BadSetting(f"{name} is {value!r}; it takes an address that begins with {' or '.join(schemes)}://.")
        return value.rstrip("/")

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """Return one of `choices`, whatever the case it is written in."""
        chosen = (self.text(name) or default).casefold()
        for choice in choices:
            if chosen == choice.casefold():
                return choice
        raise BadSetting(f"{name} is {chosen!r}; it takes {', '.join(choices)}.")

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Parse a PostgreSQL URL, or the one in the file NAME_FILE, into one entry of Django's DATABASES."""
        url = self.secret(name) or default
        if not url.startswith(("postgres://", "postgresql://")):
            raise BadSetting(f"{name} takes a postgresql:// URL: Nova runs on PostgreSQL only.")
        try:
            return dict(self._parser.db_url_config(url))
        except ValueError:
            # Its message may quote the password.
            raise BadSetting(f"{name} is no valid URL: it takes postgresql://user:password@host:port/name.") from None

    def secret(self, name: str) -> str:
        """Return a secret from NAME, or from the file that NAME_FILE names; "" if neither is set."""
        value = self.text(name)
        file_name = self.text(f"{name}_FILE")
        if value and file_name:
            raise BadSetting(f"Set {name} or {name}_FILE, not both.")
        if not file_name:
            return value
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE names {file_name}, which cannot be read: {error}") from error


def read_or_create_secret(path: Path) -> str:
    """Return the secret kept in `path`; make one, readable by its owner only, if there is none.

    Two processes that start at once agree on one secret: the file is created exclusively.
    """
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise BadSetting(f"{path} cannot be read: {error.strerror}.") from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _create_secret(path)
    except OSError as error:
        raise BadSetting(
            f"{path.parent} cannot be written ({error.strerror}). Choose another folder with NOVA_DATA_DIR."
        ) from error


def _create_secret(path: Path) -> str:
    candidate = path.with_name(f"{path.name}.{os.getpid()}")
    candidate.touch(mode=0o600)
    candidate.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    try:
        # Unlike a rename, a link fails where somebody was faster: then theirs is the secret.
        with contextlib.suppress(FileExistsError):
            os.link(candidate, path)
    finally:
        candidate.unlink()
    return path.read_text(encoding="utf-8").strip()
