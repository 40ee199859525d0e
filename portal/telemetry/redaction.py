"""Keep secrets out of the logs: by the name of the key, and by the form of the text."""

import re
from collections.abc import Mapping
from typing import Any

REDACTED = "[redacted]"

_CAMEL_STEP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_SECRET_WORD = re.compile(
    r"\b(?:passwords?|passwd|passphrase|tokens?|secrets?|keys?|apikey|authorization|cookies?|credentials?"
    r"|sessionid|csrftoken|signature)\d*\b"
)
# `key_id` and `token_type` tell which secret was meant, not the secret.
_HARMLESS_ENDING = re.compile(r"\b(?:ids?|prefix|type|count|name|age|path|file|at|m?s)$")

# Every repetition that may start anywhere is bounded: a hostile text costs time in proportion to its length.
# Up to the last @ before the host: people write passwords as they are.
_URL_CREDENTIALS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,15}://)[^\s/'\"]{0,500}@")
_QUERY_SECRET = re.compile(
    r"([?&;][\w.-]{0,40}?(?:token|key|secret|password|signature|credential|code)[\w.-]{0,40}=)[^&;\s'\"]+", re.I
)
_AUTH_SCHEME = re.compile(r"\b(Bearer|Basic|Token)\s{1,5}[A-Za-z0-9+/._~=-]{8,}", re.I)
_JSON_WEB_TOKEN = re.compile(r"\beyJ[A-Za-z0-9_-]{5,4000}\.[A-Za-z0-9_-]{1,8000}\.[A-Za-z0-9_-]*")
# Playback addresses begin with their token, or with a signature for a CDN; RTMP addresses end with the stream key.
_PLAYBACK_PATH = re.compile(r"(/m/)[^/\s?'\"]+")
_PATH_SIGNATURE = re.compile(r"(~hmac=)[0-9A-Fa-f]+")
_RTMP_KEY = re.compile(r"(rtmps?://[^/\s]{1,300}/[^/\s]{1,100}/)[^\s'\"]+", re.I)

_LONGEST_TEXT = 32_000
# What is nested deeper says nothing to a reader, and may contain itself.
_DEEPEST = 6


def redact_event(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Redact a whole log event (a structlog processor)."""
    return {key: _redact_entry(key, value, 0) for key, value in event.items()}


def redact_text(text: str) -> str:
    """Replace what has the form of a secret: credentials in URLs, bearer tokens, stream keys, playback tokens."""
    if len(text) > _LONGEST_TEXT:
        text = f"{text[:_LONGEST_TEXT]}…"
    text = _URL_CREDENTIALS.sub(rf"\1{REDACTED}@", text)
    text = _RTMP_KEY.sub(rf"\1{REDACTED}", text)
    text = _QUERY_SECRET.sub(rf"\1{REDACTED}", text)
    text = _PLAYBACK_PATH.sub(rf"\1{REDACTED}", text)
    text = _PATH_SIGNATURE.sub(rf"\1{REDACTED}", text)
    text = _AUTH_SCHEME.sub(rf"\1 {REDACTED}", text)
    return _JSON_WEB_TOKEN.sub(REDACTED, text)


def names_a_secret(key: str) -> bool:
    """Tell whether a key of this name holds a secret."""
    words = _SEPARATORS.sub(" ", _CAMEL_STEP.sub("_", key).lower()).strip()
    return bool(_SECRET_WORD.search(words)) and not _HARMLESS_ENDING.search(words)


def _redact_entry(key: object, value: object, depth: int) -> object:
    # structlog's own entries, which later processors read.
    if key in {"_record", "_from_structlog", "exc_info"}:
        return value
    if names_a_secret(_text(key)) and value not in (None, ""):
        return REDACTED
    return _redact_value(value, depth)


def _redact_value(value: object, depth: int) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {_text(key): _redact_entry(key, inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_item(inner, depth + 1) for inner in value]
    return redact_text(_text(value))


def _redact_item(item: object, depth: int) -> object:
    """Redact an element of a list; headers come as a list of (name, value) pairs."""
    match item:
        case (str() | bytes() as name, str() | bytes() as value):
            return [_redact_value(name, depth), _redact_entry(name, value, depth)]
    return _redact_value(item, depth)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
