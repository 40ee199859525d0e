"""Hooks whose body is JSON."""

import json
from collections.abc import Mapping
from typing import Any

from streaming.hooks.notices import Hook, HookUnreadable, Reply


def read_object(hook: Hook) -> dict[str, Any]:
    """Return the object that the body is. Raises HookUnreadable."""
    try:
        read = json.loads(hook.body)
    except (ValueError, RecursionError):
        raise HookUnreadable("the body is no JSON") from None
    return _object(read)


def member(parent: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the object of this name. Raises HookUnreadable."""
    return _object(parent.get(name))


def text(parent: Mapping[str, Any], name: str) -> str:
    """Return the text of this name; "" where there is none. Raises HookUnreadable."""
    value = parent.get(name)
    if not isinstance(value, str | None):
        raise HookUnreadable(f"{name} is no text")
    return value or ""


def reply(status: int, content: Mapping[str, object]) -> Reply:
    return Reply(status=status, headers={"content-type": "application/json"}, body=json.dumps(content).encode())


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise HookUnreadable("the body, or a part of it, is no object")
    return value
