"""Which characters may stand in what people write. Pure but for its sentences."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Terminals obey some of these, XML cannot hold most, and nobody sees any. Line ends and tabs are another matter.
# NUL is missing: both kinds of forms refuse it themselves, with a code of their own.
_CONTROLS = "\x01-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff"
# They turn the direction of whatever follows, beyond the end of the text itself: "\u202egpj.exe" reads "exe.jpg".
# The marks U+200E and U+200F do not, and titles in Hebrew or Arabic need them.
_TURNS = "\u202a-\u202e\u2066-\u2069"
_BREAKS = "\t\n\u2028\u2029"

_NOT_IN_PROSE = re.compile(f"[{_CONTROLS}{_TURNS}]")
_NOT_IN_A_LINE = re.compile(f"[{_CONTROLS}{_TURNS}{_BREAKS}]")
# Blank although Unicode calls them letters, and the category of U+115F and its like is Lo.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def check_line(text: str) -> None:
    """Raise ValidationError for a name or a title that is not one plain line that can be read."""
    _refuse(_NOT_IN_A_LINE, text)
    if text and not any(map(_is_seen, text)):
        raise ValidationError(_("Nothing of this can be seen. Write at least one letter or digit."), code="invisible")


def check_prose(text: str) -> None:
    """Raise ValidationError for a text of several lines that holds what cannot be seen."""
    # Forms send line ends as two characters.
    _refuse(_NOT_IN_PROSE, text.replace("\r\n", "\n"))


def _refuse(unwanted: re.Pattern[str], text: str) -> None:
    found = unwanted.search(text)
    if found is None:
        return
    raise ValidationError(
        _("Character %(place)d (U+%(code_point)s) cannot be seen and does not belong here. Remove it."),
        code="unseen_character",
        params={"place": found.start() + 1, "code_point": f"{ord(found[0]):04X}"},
    )


def _is_seen(character: str) -> bool:
    """Tell whether it leaves a mark on the page by itself: a letter, digit, sign or picture."""
    return unicodedata.category(character)[0] in "LNPS" and character not in _BLANK_LETTERS
