"""What every caption format is turned into."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Words on the screen for a while. Times are milliseconds from the first frame of the film.

    `text` is safe WebVTT cue text, as `markup` makes it; `settings` say where it stands, "" being the usual place.
    `line` and `number` are where the file had it, counted from 1; they are for messages and make no difference.
    """

    start_ms: int
    end_ms: int
    text: str
    settings: str = ""
    line: int = field(default=0, compare=False)
    number: int = field(default=0, compare=False)
