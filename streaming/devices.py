"""What kind of device somebody watches on, as its browser says: no more of what it says is kept."""

import re
from typing import Final

# The names of browsers are short; what a stranger writes beyond that is not looked at.
_LOOKED_AT: Final = 400
# The first that fits: televisions call themselves Linux or Android too, tablets Android without "Mobile".
_KINDS: Final = (
    (
        "tv",
        re.compile(
            r"smart-?tv|hbbtv|googletv|android tv|apple ?tv|bravia|viera|netcast|web0s|webos\.tv|tizen.+\btv\b"
            r"|roku|crkey|\baft[a-z]|playstation|xbox|nintendo",
            re.IGNORECASE,
        ),
    ),
    ("tablet", re.compile(r"ipad|tablet|playbook|silk/|kindle|android(?!.*mobile)", re.IGNORECASE)),
    ("phone", re.compile(r"iphone|ipod|mobile|windows phone", re.IGNORECASE)),
    ("desktop", re.compile(r"windows nt|macintosh|cros|x11|linux", re.IGNORECASE)),
)


def device_of(user_agent: str) -> str:
    """Return tv, tablet, phone or desktop; "" of what says none of it, such as a program."""
    said = user_agent[:_LOOKED_AT]
    return next((kind for kind, pattern in _KINDS if pattern.search(said)), "")
