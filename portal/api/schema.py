"""What the OpenAPI description says of every operation: how to sign in, and which problems may come back."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse

from portal import errors
from portal.api.problems import CONTENT_TYPE, problem_type
from portal.errors import PortalError

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_ON_ALL = (
    errors.MalformedRequest,
    errors.NotAcceptable,
    errors.TooManyRequests,
    errors.InternalError,
    errors.ServiceUnavailable,
)
_WITH_BODY = (errors.RequestTooLarge, errors.UnsupportedMediaType, errors.InvalidInput)

_FAULT = {
    "type": "object",
    "description": "One fault: `pointer` leads to a value of the body, `parameter` names one of the query.",
    "required": ["code", "detail"],
    "properties": {
        "pointer": {"type": "string", "example": "/windows/0/starts_at"},
        "parameter": {"type": "string"},
        "code": {"type": "string", "example": "required"},
        "detail": {"type": "string", "example": "This field is required."},
        "line": {"type": "integer", "minimum": 1, "description": "Of a file that was sent: the line, from 1."},
        "cue": {"type": "integer", "minimum": 1, "description": "Of captions: the cue, from 1."},
    },
}
_PROBLEM = {
    "type": "object",
    "description": "An RFC 9457 problem document. Errors may add members of their own.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "The page that explains the code."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference", "description": "The path that was asked for."},
        "code": {"type": "string", "description": "Stable: decide by this member."},
        "request_id": {"type": "string", "description": "The answer's X-Request-ID; it finds the log lines."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemFault"}},
        "scope": {"type": "string", "description": "429: the limit that was reached."},
        "part": {"type": "string", "description": "503: what does not answer."},
    },
    "additionalProperties": {},
}


class AccessTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its base registers it
    target_class = "portal.api.authentication.AccessTokenAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The `access` token from `auth/token/`.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The session of the web pages; writing calls also send `X-CSRFToken`.",
        }


def problems(*kinds: type[PortalError]) -> dict[tuple[int, str], OpenApiResponse]:
    """Describe the errors of one operation, for `extend_schema(responses={200: ..., **problems(MovieNotReady)})`."""
    by_status: dict[int, list[type[PortalError]]] = {}
    for kind in kinds:
        by_status.setdefault(int(kind.status), []).append(kind)
    return {
        (status, CONTENT_TYPE): OpenApiResponse(
            response={"$ref": "#/components/schemas/Problem"}, description=_description(group)
        )
        for status, group in by_status.items()
    }


def declare_problems(result: dict[str, Any], **_generator: object) -> dict[str, Any]:
    """Give every operation the problems that it may answer; a hook of drf-spectacular."""
    components = result["components"]
    components.setdefault("schemas", {}).update({"Problem": _PROBLEM, "ProblemFault": _FAULT})
    responses: dict[str, Any] = components.setdefault("responses", {})
    for path, item in result["paths"].items():
        for method in _METHODS & item.keys():
            operation = item[method]
            for kind in _kinds(path, operation):
                responses[kind.__name__] = _response(kind)
                operation["responses"].setdefault(
                    str(int(kind.status)), {"$ref": f"#/components/responses/{kind.__name__}"}
                )
            operation["responses"] = dict(sorted(operation["responses"].items()))
    components["responses"] = dict(sorted(responses.items()))
    return result


def _kinds(path: str, operation: dict[str, Any]) -> Iterator[type[PortalError]]:
    schemes = operation.get("security", [])
    yield from _ON_ALL
    if any(schemes):
        yield errors.NotSignedIn
    if schemes and {} not in schemes:
        yield errors.NotAllowed
    if "{" in path:
        yield errors.NotFound
    if "requestBody" in operation:
        yield from _WITH_BODY


def _response(kind: type[PortalError]) -> dict[str, Any]:
    example = {
        "type": problem_type(kind.code),
        "title": str(kind.title),
        "status": int(kind.status),
        "detail": str(kind.title),
        "instance": "/api/v1/…",
        "code": kind.code,
        "request_id": "0198c7b2a3f94e0d8a4e6a3c52f1d7aa",
    }
    response: dict[str, Any] = {
        "description": _description([kind]),
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }
    if issubclass(kind, errors.Transient):
        seconds = {"type": "integer", "minimum": 1}
        response["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": seconds}}
    return response


def _description(kinds: Iterable[type[PortalError]]) -> str:
    return "; ".join(f"`{kind.code}`: {kind.title}" for kind in kinds)
