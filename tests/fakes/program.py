"""A program that does what its arguments say, one after the other: a stand-in for an FFmpeg in any mood.

say TEXT          a line on stderr
write FD TEXT     text into a pipe
flood FD BYTES    that many zeros into a pipe
sleep SECONDS
deaf              take no notice of SIGTERM
eat BYTES         take that much memory
child             leave a child behind that holds every pipe open
exit CODE
raise SIGNAL
"""

import os
import signal
import subprocess
import sys
import time

_CHUNK = 65536


def main(words: list[str]) -> None:
    orders = iter(words)
    for order in orders:
        match order:
            case "say":
                os.write(2, (next(orders) + "\n").encode())
            case "write":
                os.write(int(next(orders)), next(orders).encode())
            case "flood":
                descriptor, left = int(next(orders)), int(next(orders))
                while left > 0:
                    left -= os.write(descriptor, bytes(min(left, _CHUNK)))
            case "sleep":
                time.sleep(float(next(orders)))
            case "deaf":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            case "eat":
                sys.stderr.write(str(len(b"x" * int(next(orders)))))
            case "child":
                subprocess.Popen(["sleep", "60"], close_fds=False)
            case "exit":
                os._exit(int(next(orders)))
            case "raise":
                os.kill(os.getpid(), getattr(signal, next(orders)))
            case other:
                sys.exit(f"What is {other}?")


if __name__ == "__main__":
    main(sys.argv[1:])
