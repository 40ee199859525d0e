"""Become another program that cannot outlive its parent.

    python -m portal.embedded.leash <uid>:<gid> <argv...>      ("-" keeps the user)

Run between fork and exec, so that a `kill -9` of `manage.py up` still takes its children along (Linux; elsewhere a
child may stay behind after a kill -9, not after a Ctrl-C). Kept free of imports that cost start-up time.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    identity, argv = arguments[0], arguments[1:]
    parent = os.getppid()
    if identity != "-":
        uid, gid = (int(part) for part in identity.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After setuid: changing the user clears it.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit("The parent process is gone.")
    os.execvp(argv[0], argv)


if __name__ == "__main__":
    main(sys.argv[1:])
