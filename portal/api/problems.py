"""Errors as RFC 9457 problem documents, and what each of them means."""

import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse

from portal.errors import NotFound, PortalError, all_errors
from portal.telemetry.correlation import current_request_id

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemDescription:
    """What `/problems/<code>/` says of one error. `paragraphs` is the error's docstring; the first is its summary."""

    code: str
    title: str
    status: int
    paragraphs: tuple[str, ...]


def describe_problem(code: str) -> ProblemDescription:
    """Explain one code. Raises NotFound if no error has it."""
    for error in all_errors():
        if error.code == code:
            return _describe(error)
    raise NotFound


def list_problems() -> tuple[ProblemDescription, ...]:
    """Explain every code, in the order of status and code."""
    return tuple(sorted(map(_describe, all_errors()), key=lambda problem: (problem.status, problem.code)))


def problem_type(code: str) -> str:
    """Return the address of a code's explanation, which is also the problem's `type`."""
    return f"/problems/{code}/"


def problem_document(error: PortalError, *, instance: str) -> dict[str, object]:
    """Return the members of the problem; `instance` is the path of the request that met it."""
    return {
        "type": problem_type(error.code),
        "title": str(error.title),
        "status": int(error.status),
        "detail": str(error.detail) or str(error.title),
        "instance": instance,
        "code": error.code,
        "request_id": current_request_id(),
        **error.extras,
    }


def problem_response(error: PortalError, request: HttpRequest) -> HttpResponse:
    """Answer a request with its error."""
    body = json.dumps(problem_document(error, instance=request.path), cls=DjangoJSONEncoder)
    return HttpResponse(body, status=int(error.status), content_type=CONTENT_TYPE, headers=dict(error.headers()))


def _describe(error: type[PortalError]) -> ProblemDescription:
    return ProblemDescription(
        code=error.code,
        title=str(error.title),
        status=int(error.status),
        paragraphs=tuple(_paragraphs(inspect.getdoc(error) or "")),
    )


def _paragraphs(text: str) -> Iterator[str]:
    for block in text.split("\n\n"):
        yield " ".join(block.split())
