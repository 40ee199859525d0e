"""The correlation id that follows one action from the browser through web, Celery and origin.

It travels in the header `X-Request-ID` and stands in every log line, audit entry and problem answer.
"""

import re
import secrets

import structlog

HEADER = "X-Request-ID"
_ACCEPTED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def new_request_id() -> str:
    # 64 random bits tell apart what one installation logs, and leave room on the line for the rest.
    return secrets.token_hex(8)


def accept_request_id(presented: str | None) -> str:
    """Return the id that a client presented, or a new one: it goes into logs, so its form is narrow."""
    if presented and _ACCEPTED.fullmatch(presented):
        return presented
    return new_request_id()


def current_request_id() -> str:
    """Return the id of the request or task that is running; "" outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def outgoing_headers() -> dict[str, str]:
    """Return the headers that carry the id on to a service that we call."""
    request_id = current_request_id()
    return {HEADER: request_id} if request_id else {}
