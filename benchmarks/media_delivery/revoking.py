"""Revokes the session of each token that comes on standard input, and prints when that had been committed.

    python -m benchmarks.media_delivery.revoking

Run within the environment of a portal. Moments are of the machine's monotonic clock, which all processes share.
"""

import os
import sys
import time

import django

from portal import clock


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from streaming.keys import playback_keyring
    from streaming.services.revocations import revoke, session_subject
    from streaming.tokens import verify_token

    print("ready", flush=True)
    for line in sys.stdin:
        claims = verify_token(line.strip(), playback_keyring(), at=clock.now())
        revoke(session_subject(claims.session_id), at=clock.now())
        print(time.monotonic(), flush=True)


if __name__ == "__main__":
    main()
