"""From what a player says to what is counted: by the portal's clock, and within what its session can have come to.

Nobody can be watched longer than the time since the session began: that stands in its signed token, and everything that
is counted is held within it. So a player that lies makes its own session look odd, and no more.
"""

from typing import Final, TypeVar

from django.utils.translation import gettext as _

from analytics.beacons.body import BeaconBody, BeaconEvent
from analytics.beacons.token import BeaconClaims
from analytics.records import INTERVAL_S, Beacon, PlayerEvent
from portal.errors import FieldError, InvalidInput
from streaming.services.playback_reports import FailureCode

# The clocks of two machines of ours are no further apart, and nobody's wish to play was so long on its way.
_LEEWAY_MS: Final = 10_000
# What a player could not tell for longer is told as if it were of then; or of when its session began.
_OLDEST_MS: Final = 10 * 60_000
_FURTHEST_AHEAD_MS: Final = 5 * 60_000
# The fault of an event that lies further ahead.
AHEAD: Final = "ahead"
# More than any player does: as much per millisecond of the session, rounded up.
_MOST_KBPS: Final = 200_000
_MOST_THROUGHPUT_KBPS: Final = 10_000_000
# In the long run nobody receives more than that.
_MOST_BYTES_PER_MS: Final = _MOST_KBPS // 8
_MOST_FRAMES_PER_S: Final = 240
_MOST_CHANGES_PER_S: Final = 10
_FASTEST, _LARGEST_SCALE, _LONGEST_NAME = 16.0, 100.0, 12
# No buffer, and nobody who goes back in a stream, holds more than a day.
_ONE_DAY_MS: Final = 24 * 3600 * 1000
_CODES: Final = frozenset(code.value for code in FailureCode)
Value = TypeVar("Value")


def read_beacon(body: BeaconBody, claims: BeaconClaims, *, received_ms: int, interval_s: int = INTERVAL_S) -> Beacon:
    """Return the beacon as it is to be counted, of a player that is told to tell every `interval_s` seconds.

    Raises InvalidInput if an event lies far behind its being sent.
    """
    offset = received_ms - int(body.sent)
    age_ms = max(0, received_ms - claims.began_ms) + _LEEWAY_MS
    earliest = max(received_ms - _OLDEST_MS, min(claims.began_ms, received_ms))
    events = []
    for index, event in enumerate(body.ev):
        if event.ts > body.sent + _FURTHEST_AHEAD_MS:
            raise InvalidInput((_ahead(index),))
        at = max(earliest, min(int(event.ts) + offset, received_ms))
        events.append(_counted(event, at=at, age_ms=age_ms, length_ms=claims.length_ms))
    if len(events) > 1:
        events.sort(key=_number_of)
    return Beacon(
        at=received_ms,
        session=claims.session,
        subject=claims.subject,
        viewer=claims.viewer,
        events=events,
        user=claims.user,
        length=claims.length_ms,
        device=claims.device,
        country=claims.country,
        interval=interval_s,
    )


def _counted(event: BeaconEvent, *, at: int, age_ms: int, length_ms: int | None) -> PlayerEvent:
    age_s = age_ms // 1000
    changes = age_s * _MOST_CHANGES_PER_S
    average, most = _scales(event.nova_upscale)
    return PlayerEvent(
        e=event.e,
        at=at,
        # How many there were before it; those that did not come are counted.
        sn=min(event.sn, changes),
        sta=event.sta,
        pt=_within(event.pt, length_ms),
        pr=min(event.pr, _FASTEST),
        msd=_within(event.msd, age_ms),
        bl=_within(_first(event.bl), _ONE_DAY_MS),
        ltc=_within(event.ltc, _ONE_DAY_MS),
        bsa=_sum(_first(event.bsa), changes),
        bsda=_sum(_first(event.bsda), age_ms),
        seek=_sum(event.nova_seek, age_ms),
        dfa=_sum(event.dfa, age_s * _MOST_FRAMES_PER_S),
        br=_within(_first(event.br), _MOST_KBPS),
        q=_name(event.nova_q),
        mtp=_within(_first(event.mtp), _MOST_THROUGHPUT_KBPS),
        watch=_sum(event.nova_watch, age_ms),
        ups=_sum(event.nova_ups, changes),
        downs=_sum(event.nova_downs, changes),
        upscale=average,
        upscale_most=most,
        rate_ms=_sum(event.nova_rate, age_ms * _MOST_KBPS),
        bytes=_sum(event.nova_bytes, age_ms * _MOST_BYTES_PER_MS),
        ec=_code(event.ec),
        fatal=event.nova_fatal,
        business=event.nova_business,
        hidden=event.nova_hidden,
        renewed=event.nova_renewed,
    )


def _sum(told: float | None, most: int) -> int:
    return min(int(told), most) if told else 0


def _within(told: float | None, most: int | None) -> int | None:
    if told is None:
        return None
    return int(told) if most is None else min(int(told), most)


def _first(told: list[Value] | None) -> Value | None:
    return told[0] if told else None


def _scales(told: list[float] | None) -> tuple[float | None, float | None]:
    """Return the average and the most; one alone is both. A picture that is shown smaller is as good as can be."""
    return (_scale(told[0]), _scale(told[-1])) if told else (None, None)


def _scale(told: float) -> float:
    return max(0.0, min(told, _LARGEST_SCALE))


def _name(told: str | None) -> str | None:
    """Return a quality's name as far as there is room for it; letters that cannot be shown are none."""
    return told[:_LONGEST_NAME] if told and told.isprintable() else None


def _code(told: list[str] | None) -> str | None:
    if not told:
        return None
    return told[0] if told[0] in _CODES else FailureCode.UNKNOWN.value


def _number_of(event: PlayerEvent) -> int:
    return event.sn


def _ahead(index: int) -> FieldError:
    minutes = _FURTHEST_AHEAD_MS // 60_000
    detail = _("It lies more than %(minutes)d minutes behind the moment of sending.") % {"minutes": minutes}
    return FieldError(pointer=f"/ev/{index}/ts", code=AHEAD, detail=detail)
