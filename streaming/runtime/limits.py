"""How much an external program may take of the machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What ends a program that does not end by itself.

    `silence_s`: it hangs if it wrote nothing to any pipe for so long, its progress included. `memory_bytes` counts
    address space, of which FFmpeg reserves more than it uses. `niceness` is added to ours: viewers come first.
    """

    wall_s: float
    silence_s: float
    memory_bytes: int
    niceness: int = 0
    grace_s: float = 3.0
