"""Run every benchmark and tell which bars were missed.

.venv/bin/python -m benchmarks
"""

import sys

from benchmarks import beacons, catalogue, foundation, live, origin, packaging, rtmp_ingest, startup, uploads
from benchmarks.lighthouse import __main__ as lighthouse

BENCHMARKS = {
    "foundation": foundation.main,
    "rtmp_ingest": rtmp_ingest.main,
    "catalogue": catalogue.main,
    "uploads": uploads.main,
    "packaging": packaging.main,
    "startup": startup.main,
    "origin": origin.main,
    "live": live.main,
    "beacons": beacons.main,
    "lighthouse": lighthouse.main,
}


def main() -> int:
    missed = []
    for name, run in BENCHMARKS.items():
        print(f"\n## {name}\n", flush=True)
        if run():
            missed.append(name)
    print(f"\nBars missed in: {', '.join(missed)}" if missed else "\nEvery bar was met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
