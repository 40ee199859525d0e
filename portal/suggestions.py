"""What a page that is not there offers instead. Apps register from `AppConfig.ready` what they know to offer.

A suggestion is a shelf as components/_shelf.html shows it: `title`, `movies` and `url`.
"""

from collections.abc import Callable, Iterable

import structlog
from django.http import HttpRequest

from portal.outages import OUTAGES

logger = structlog.get_logger(__name__)

Suggester = Callable[[HttpRequest], Iterable[object]]

_suggesters: list[Suggester] = []


def register(suggester: Suggester) -> None:
    _suggesters.append(suggester)


def suggestions_for(request: HttpRequest) -> tuple[object, ...]:
    """Return what may have been meant; nothing while a part of the portal is gone: the page itself needs none."""
    try:
        return tuple(shelf for suggest in _suggesters for shelf in suggest(request))
    except OUTAGES as error:
        logger.info("page.no_suggestions", path=request.path, cause=repr(error))
        return ()
