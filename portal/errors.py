"""Errors that Nova anticipates: each is a named fact with a public code.

    PortalError
    ├── NotFound                 not-found              404
    ├── NotSignedIn              not-signed-in          401
    │   └── WrongCredentials     wrong-credentials      401
    ├── NotAllowed               not-allowed            403
    ├── InvalidInput             invalid-input          422
    ├── IdempotencyKeyReused     idempotency-key-reused 422
    ├── MalformedRequest         malformed-request      400
    ├── MethodNotAllowed         method-not-allowed     405
    ├── NotAcceptable            not-acceptable         406
    ├── UnsupportedMediaType     unsupported-media-type 415
    ├── RequestTooLarge          request-too-large      413
    ├── RequestInProgress        request-in-progress    409   Transient
    ├── TooManyRequests          too-many-requests      429   Transient
    ├── ServiceUnavailable       service-unavailable    503   Transient
    └── InternalError            internal-error         500

The API renders them as RFC 9457 problems, pages as error pages, sockets as close codes. A docstring is the public
explanation of its error: it is what `/problems/<code>/` shows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Transient(Exception):
    """Marks an error that the same call may not meet again a little later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One fault of the input: `pointer` is a JSON Pointer (RFC 6901) into the request's body."""

    pointer: str
    code: str
    detail: str


class PortalError(Exception):
    """Base of every anticipated error. Subclasses set `code`, `title` and `status`."""

    code: ClassVar[str]
    title: ClassVar[str | Promise]
    status: ClassVar[int]

    def __init__(self, detail: str | Promise = "", **extras: object) -> None:
        super().__init__(str(detail))
        self.detail = detail
        self.extras = extras

    def headers(self) -> Mapping[str, str]:
        """Return the HTTP headers that belong to this error."""
        return {}


class NotFound(PortalError):
    """There is nothing at this address, or nothing that you may know of.

    Nova answers the same for what does not exist and for what you may not see. Check the address, or sign in with
    an account that may see it.
    """

    code = "not-found"
    title = _("Not found")
    status = HTTPStatus.NOT_FOUND


class NotSignedIn(PortalError):
    """This call needs somebody to answer for it, and the request carries no valid sign-in.

    Sign in, or send `Authorization: Bearer <access token>`; an access token that has expired is renewed at
    `/api/v1/auth/token/refresh/`.
    """

    code = "not-signed-in"
    title = _("Sign in first")
    status = HTTPStatus.UNAUTHORIZED

    def headers(self) -> Mapping[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="api"'}


class WrongCredentials(NotSignedIn):
    """There is no active account with this name, or e-mail address, and this password.

    Nova does not say which of them is wrong. After several attempts in a row it asks to wait.
    """

    code = "wrong-credentials"
    title = _("The name or the password is wrong")


class NotAllowed(PortalError):
    """Your account does not have the permission that this call needs.

    An administrator grants permissions by role: viewer, editor, broadcaster, operator.
    """

    code = "not-allowed"
    title = _("Not allowed")
    status = HTTPStatus.FORBIDDEN


class InvalidInput(PortalError):
    """The request was understood, but some of its values cannot be accepted. Nothing was saved.

    `errors` lists each fault with a JSON Pointer to the value, a code and a sentence.
    """

    code = "invalid-input"
    title = _("Some values cannot be accepted")
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, errors: tuple[FieldError, ...], detail: str | Promise = "") -> None:
        super().__init__(
            detail,
            errors=[{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in errors],
        )
        self.errors = errors


class IdempotencyKeyReused(PortalError):
    """This `Idempotency-Key` came with another call before. Nothing was saved.

    A key stands for one thing to create: take a new one for the next.
    """

    code = "idempotency-key-reused"
    title = _("This key was used for another request")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class MalformedRequest(PortalError):
    """The request cannot be read: broken JSON, a bad header, a parameter that is not of its type."""

    code = "malformed-request"
    title = _("The request cannot be read")
    status = HTTPStatus.BAD_REQUEST


class MethodNotAllowed(PortalError):
    """This address does not answer to that HTTP method; the `Allow` header lists those it does answer to."""

    code = "method-not-allowed"
    title = _("Method not allowed")
    status = HTTPStatus.METHOD_NOT_ALLOWED


class NotAcceptable(PortalError):
    """None of the formats in the request's `Accept` header can be produced here."""

    code = "not-acceptable"
    title = _("No acceptable format")
    status = HTTPStatus.NOT_ACCEPTABLE


class UnsupportedMediaType(PortalError):
    """The body is of a type that this call does not take; JSON is always taken."""

    code = "unsupported-media-type"
    title = _("Unsupported media type")
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class RequestTooLarge(PortalError):
    """The body is larger than this call takes."""

    code = "request-too-large"
    title = _("The request is too large")
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class RequestInProgress(PortalError, Transient):
    """The same call, by its `Idempotency-Key`, is being worked on. Ask again after `Retry-After` for its answer."""

    code = "request-in-progress"
    title = _("This request is being worked on")
    status = HTTPStatus.CONFLICT
    retry_after_s: ClassVar[int] = 1

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(self.retry_after_s)}


class TooManyRequests(PortalError, Transient):
    """You have made more requests than this call allows in its period.

    `Retry-After` says in how many seconds the next one is taken; `scope` names the limit that was reached.
    """

    code = "too-many-requests"
    title = _("Too many requests")
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, *, scope: str, retry_after_s: int) -> None:
        super().__init__(_("Try again in %(seconds)s s.") % {"seconds": retry_after_s}, scope=scope)
        self.retry_after_s = retry_after_s

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(self.retry_after_s)}


class ServiceUnavailable(PortalError, Transient):
    """A part that Nova needs for this call does not answer at the moment. Nothing was saved.

    `part` names it: database, redis, broker or origin. Try again after the time in `Retry-After`.
    """

    code = "service-unavailable"
    title = _("Temporarily unavailable")
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after_s: ClassVar[int] = 5

    def __init__(self, *, part: str) -> None:
        super().__init__("", part=part)
        self.part = part

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(self.retry_after_s)}


class InternalError(PortalError):
    """Something went wrong that Nova did not foresee. It was logged under the `request_id` of this answer."""

    code = "internal-error"
    title = _("Something went wrong on our side")
    status = HTTPStatus.INTERNAL_SERVER_ERROR


def all_errors(root: type[PortalError] = PortalError) -> Iterator[type[PortalError]]:
    """Yield every concrete error of every loaded app, in the order of definition."""
    for child in root.__subclasses__():
        if "code" in vars(child):
            yield child
        yield from all_errors(child)
