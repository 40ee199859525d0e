"""A clock in the picture that programs read: how long a frame has been on its way is seen from the frame itself.

It is a row of squares at the bottom of the picture: one that is white and one that is black, to know both by, then the
milliseconds of the wall clock, from the highest bit to the lowest. They are in Gray code, where neighbours differ by
one square: a moment that changes while it is drawn is wrong by a millisecond at most.
"""

from collections.abc import Sequence

BITS = 24
SQUARES = 2 + BITS
# The clock begins anew after four and a half hours.
CYCLE_MS = 1 << BITS
# Of a picture of 1280×720: it survives being scaled to 480 lines, and to 240.
SQUARE_PX = 40
LEFT_PX, TOP_PX = (1280 - SQUARES * SQUARE_PX) // 2, 720 - SQUARE_PX - 24
_BLACK, _WHITE = 16, 235


def build_clock_expression() -> str:
    """Return FFmpeg's expression for the brightness of square number X, at the moment when it is evaluated."""
    moment_ms = f"mod(floor(time(0)*1000),{CYCLE_MS})"
    # Exclusive or, which FFmpeg's expressions do not have: what both have is counted twice, and taken away.
    gray = "st(2,ld(0)+ld(1)-2*bitand(ld(0),ld(1)))"
    # Where a bit of the moment stands, from the left.
    bit = f"bitand(floor(ld(2)/pow(2,{SQUARES - 1}-X)),1)"
    square = f"if(eq(X,0),1,if(eq(X,1),0,{bit}))"
    return f"st(0,{moment_ms});st(1,floor(ld(0)/2));{gray};{_BLACK}+{_WHITE - _BLACK}*({square})"


def read_clock(brightness: Sequence[float]) -> int | None:
    """Return the moment in ms, from the brightness of each square; None where no clock is to be seen."""
    white, black, *squares = brightness
    if len(squares) != BITS or white - black < (_WHITE - _BLACK) / 3:
        return None
    middle = (white + black) / 2
    moment_ms = 0
    for square in squares:
        moment_ms = moment_ms << 1 | ((moment_ms & 1) ^ (square > middle))
    return moment_ms


def delay_ms(*, shown_ms: int, now_ms: int) -> int:
    """Return how long ago the clock of a picture was drawn."""
    return (now_ms - shown_ms) % CYCLE_MS
