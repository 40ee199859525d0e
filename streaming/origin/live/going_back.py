"""How far whoever watches a stream may go back: the whole of it is a film, which may be for nobody yet."""

import re

_SEGMENT = re.compile(r"[^/]+/([0-9]{1,18})\.m4s")
_HEADER = re.compile(r"[^/]+/init(-[0-9]+)?\.mp4")


def is_open(name: str, oldest_msn: int | None) -> bool:
    """Tell whether a stored file is part of what can be watched; `oldest_msn` None: nothing is."""
    if oldest_msn is None:
        return False
    segment = _SEGMENT.fullmatch(name)
    return int(segment[1]) >= oldest_msn if segment else bool(_HEADER.fullmatch(name))
