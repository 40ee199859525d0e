"""Which form of a playlist a client takes (RFC 9110, 12.5.3)."""

import re
from functools import lru_cache

# A coding with its weight, of which only zero means anything here.
_CODING = re.compile(r"\s*([A-Za-z0-9*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?", re.IGNORECASE)
_LONGEST_HEADER = 512


def takes_gzip(accept_encoding: str) -> bool:
    """Tell whether an answer may be compressed by gzip."""
    return _takes_gzip(accept_encoding[:_LONGEST_HEADER])


# Browsers have a handful of them.
@lru_cache(maxsize=128)
def _takes_gzip(accept_encoding: str) -> bool:
    weights = {}
    for part in accept_encoding.split(","):
        if match := _CODING.fullmatch(part):
            weights[match[1].lower()] = float(match[2] or 1)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0))) > 0
