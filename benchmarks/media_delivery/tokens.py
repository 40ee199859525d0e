"""Prints tokens for a package, as web would sign them: run within the environment of a portal.

python -m benchmarks.media_delivery.tokens PACKAGE COUNT
"""

import os
import sys
from datetime import timedelta

import django

from portal import clock


def main(package: str, count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from portal.ids import uuid7
    from streaming.keys import playback_keyring
    from streaming.tokens import PlaybackClaims, sign_token

    at = clock.now()
    for _ in range(count):
        claims = PlaybackClaims(
            session_id=uuid7(at), subject="movie:1", package=package, issued_at=at, expires_at=at + timedelta(hours=1)
        )
        print(sign_token(claims, playback_keyring()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
