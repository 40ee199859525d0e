"""What the page shows by which visitors decide how they are counted."""

from dataclasses import dataclass

from django.http import HttpRequest

from analytics.privacy.forgetting import count_sessions_of
from portal.models import User
from portal.preferences import asks_not_to_be_tracked, audience_choice_of, may_be_counted_as_one


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingPage:
    """How a visitor is counted, and why.

    Attributes:
        is_counted: as one viewer. by_browser: no, because the browser asks for that. choice: yes, no, or "".
        sessions: how many are known to be of whoever has signed in; None where nobody has.
    """

    is_counted: bool
    by_browser: bool
    choice: str
    sessions: int | None


def counting_page(request: HttpRequest) -> CountingPage:
    return CountingPage(
        is_counted=may_be_counted_as_one(request),
        by_browser=asks_not_to_be_tracked(request),
        choice=audience_choice_of(request),
        sessions=count_sessions_of(request.user) if isinstance(request.user, User) else None,
    )
