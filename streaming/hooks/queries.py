"""The secret in the address of a hook: for servers that can send no header of ours."""

import hmac

from streaming.hooks.notices import Hook

_SECRET = "secret"


def has_secret(hook: Hook, secret: str) -> bool:
    return hmac.compare_digest(hook.query.get(_SECRET, "").encode(), secret.encode())
