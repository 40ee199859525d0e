"""Become another program that cannot outlive its parent.

    python leash.py <parent's pid> <signal number> <uid>:<gid> <argv...>      ("-" keeps the user)

Run between fork and exec, so that a `kill -9` of a parent still takes its children along (Linux; elsewhere a child may
stay behind after a kill -9, not after a Ctrl-C). Kept free of imports that cost start-up time.

The kernel sends the signal when the *thread* ends that started the child: start it from one that lives as long as the
child is wanted.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def leashed(*argv: str, last_signal: signal.Signals = signal.SIGTERM, identity: str = "-") -> tuple[str, ...]:
    """Return the argv of a child of this process that becomes the program; it gets `last_signal` when we are gone.

    SIGTERM lets it put its things in order, and trusts it to end. `identity` is `<uid>:<gid>`, "-" ours.
    """
    held = (str(os.getpid()), str(int(last_signal)), identity)
    return (sys.executable, "-S", "-E", os.path.abspath(__file__), *held, *argv)


def main(arguments: list[str]) -> None:
    """Take the place of this process."""
    parent, last_signal, identity, *argv = arguments
    if identity != "-":
        uid, gid = (int(part) for part in identity.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After setuid: changing the user clears it.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(last_signal))
        # Told by the parent, not asked here: it may have died before this line, and even before the first one.
        if os.getppid() != int(parent):
            sys.exit("The parent process is gone.")
    os.execvp(argv[0], argv)


if __name__ == "__main__":
    main(sys.argv[1:])
