"""Bodies are JSON, and what reads them must survive any bytes."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class SafeJSONParser(JSONParser):
    """Parse JSON in UTF-8 (RFC 8259); whatever is none is answered as a broken body, and says where it is broken.

    A name that comes twice in one object is refused: one of its values would silently be lost.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            text = stream.read().decode()
            return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_each_name_once)
        except UnicodeDecodeError:
            raise ParseError(_("The body is not in UTF-8.")) from None
        except json.JSONDecodeError as error:
            raise ParseError(_("The body is no JSON: %(fault)s") % {"fault": error}) from error
        except RecursionError:
            raise ParseError(_("The body is nested too deeply.")) from None
        except ValueError:
            # Python reads no number of more than 4300 digits, as that takes more than linear time.
            raise ParseError(_("A number in the body has too many digits.")) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ParseError(_("%(name)s is no JSON.") % {"name": name})


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _value in pairs]
        repeated = next(name for name in members if names.count(name) > 1)
        raise ParseError(_("“%(name)s” stands twice in one object.") % {"name": repeated[:40]})
    return members
