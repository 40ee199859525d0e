"""Where cues stand: the nine places of a numeric keypad, as ASS has them, in WebVTT's words."""

_ROWS = ("", "line:50%", "line:0")
_COLUMNS = {0: "position:0% align:left", 1: "", 2: "position:100% align:right"}
AT_THE_TOP = "line:0"


def settings_for(place: int) -> str:
    """Return the settings of a place: 2 is the usual one below, 8 is above in the middle."""
    if not 1 <= place <= 9:
        return ""
    row, column = divmod(place - 1, 3)
    return " ".join(part for part in (_ROWS[row], _COLUMNS[column]) if part)
