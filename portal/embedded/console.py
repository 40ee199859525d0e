"""What the terminal shows of the children: one line a line, each with the name of who said it."""

import io
import os
import re
import sys
from collections import deque
from typing import TextIO

_COLOURS = ("36", "35", "33", "32", "34", "31")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]")
# A child that never ends its line must not fill our memory.
_LONGEST_LINE = 8192


class Console:
    """Writes prefixed lines; names are padded to one width, and coloured where the terminal can."""

    def __init__(self, names: tuple[str, ...], stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        if isinstance(self._stream, io.TextIOWrapper):
            # A terminal of another code page shows a question mark: no reason to end the portal.
            self._stream.reconfigure(errors="replace")
        self._width = max((len(name) for name in names), default=0)
        self._colour = {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(names)}
        self._has_colour = self._stream.isatty() and "NO_COLOR" not in os.environ

    def line(self, name: str, text: str) -> None:
        prefix = f"{name:<{self._width}} │ "
        if self._has_colour:
            prefix = f"\x1b[{self._colour.get(name, '37')}m{prefix}\x1b[0m"
        print(prefix + _CONTROL.sub("", text), file=self._stream, flush=True)


class LineBuffer:
    """Cuts a child's bytes into lines and remembers the last ones."""

    def __init__(self, *, remembered: int = 20) -> None:
        self.last_lines: deque[str] = deque(maxlen=remembered)
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that `data` completes."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            whole.append(self._rest)
            self._rest = b""
        lines = [part[:_LONGEST_LINE].decode(errors="replace").rstrip("\r") for part in whole]
        self.last_lines.extend(lines)
        return lines

    def finish(self) -> list[str]:
        """Return what is left when the child has closed its output."""
        return self.feed(b"\n") if self._rest else []
