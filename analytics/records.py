"""What players tell, as it travels from the door to those who count: named as in CMCD (CTA-5004-A) where it has a name.

The door has checked all of it: who reads a record trusts its form. Everything that is counted is told as its sum since
the session began, so that what is lost, repeated or late does no harm: the largest holds. Moments are milliseconds
since 1970, lengths milliseconds, rates kbit/s.
"""

from typing import Final

import msgspec

# A Redis stream of such records in the field RECORD, by MessagePack; as much of it is kept as takes to count anew.
LOG: Final = "nova:audience:log"
RECORD: Final = b"r"
KEPT_S: Final = 150
# How often a player tells that time has passed, unless it is told otherwise.
INTERVAL_S: Final = 10
# Who is silent for so many of its intervals has gone: one word may be lost.
SILENT_INTERVALS: Final = 2.5
# A hash of who watches what now: subject to COUNT, and AT to the second it holds for.
COUNTS: Final = "nova:audience:counts"


class PlayerEvent(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """What a player tells of one moment.

    Attributes:
        e: ps (the state has changed), t (time has passed), e (an error), bc (another quality), b (shown or hidden).
        at: when, by the clock of the portal: the door has set it right.
        sn: the number of the event in its session, from 0.
        sta: s starting, p playing, k seeking, r rebuffering, a paused, e ended, f fatal, q quit, d preloading.
        pt: where in the media, in milliseconds; None where there is no such place.
        pr: playback rate.
        msd: from the wish to play to the first frame.
        bl: media in the buffer. ltc: how far behind the encoder.
        bsa, bsda: how often and how long the player waited for media, seeking left out. seek: how long it did seek.
        dfa: frames that were not shown.
        br: rate of the chosen rendition. q: its name, such as "1080p". mtp: measured throughput.
        watch: how long pictures were wanted and shown, waiting included.
        ups, downs: how often the quality rose and fell.
        upscale, upscale_most: how much larger the picture is shown than it is, 0.5 for half as much: on the
            average of time, and at most.
        rate_ms: sum of kbit/s shown times milliseconds. bytes: received.
        ec: code of an error, one of streaming's FailureCode. fatal: it ended playback. business: it was meant to.
        hidden: nobody sees the page.
        renewed: of a session that goes on with what another one of the same player had begun: no view of its own.
    """

    e: str
    at: int
    sn: int
    sta: str | None = None
    pt: int | None = None
    pr: float = 1.0
    msd: int | None = None
    bl: int | None = None
    ltc: int | None = None
    bsa: int = 0
    bsda: int = 0
    seek: int = 0
    dfa: int = 0
    br: int | None = None
    q: str | None = None
    mtp: int | None = None
    watch: int = 0
    ups: int = 0
    downs: int = 0
    upscale: float | None = None
    upscale_most: float | None = None
    rate_ms: int = 0
    bytes: int = 0
    ec: str | None = None
    fatal: bool = False
    business: bool = False
    hidden: bool = False
    renewed: bool = False


class Beacon(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """What one player told at once.

    Attributes:
        at: when it came.
        session: 32 hexadecimal digits of the session's id, whose first 12 are the moment it began.
        subject: "movie:<id>" or "stream:<uuid>".
        viewer: 32 hexadecimal digits: the same for one viewer for a day; each session its own for those who did not let
            themselves be counted as one.
        user: who had signed in; None where nobody had, or that was not to be kept.
        length: of the film, in milliseconds; None of what is live, or not known.
        device: phone, tablet, desktop, tv, or "". country: two letters, or "".
        interval: how often it was told, in answer to this, to tell from then on, in seconds.
        events: in the order of their numbers; at least one.
    """

    at: int
    session: str
    subject: str
    viewer: str
    events: list[PlayerEvent]
    user: int | None = None
    length: int | None = None
    device: str = ""
    country: str = ""
    interval: int = INTERVAL_S


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many watch: people, and their players."""

    viewers: int
    sessions: int
