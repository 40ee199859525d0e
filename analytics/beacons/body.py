"""The body of a beacon, as anybody may send it: of the right form, and within what a player can honestly say."""

import re
from typing import Annotated, Final, Literal

import msgspec
from django.utils.translation import gettext as _

from portal.errors import FieldError, InvalidInput, MalformedRequest

MOST_BYTES: Final = 16 * 1024
MOST_EVENTS: Final = 50
VERSION: Final = 1
_MOST: Final = 2**53
_AT_FIELD: Final = re.compile(r" - at `\$(.*)`$")

# Players count time in fractions, and numbers in JSON know no difference.
Moment = Annotated[float, msgspec.Meta(ge=0, le=_MOST)]
Length = Annotated[float, msgspec.Meta(ge=0, le=_MOST)]
Number = Annotated[float, msgspec.Meta(ge=0, le=_MOST)]
# CMCD has lists where a player may have several of a kind; ours have one.
Lengths = Annotated[list[Length], msgspec.Meta(max_length=4)]
Numbers = Annotated[list[Number], msgspec.Meta(max_length=4)]
Codes = Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=4)]
Scale = Annotated[float, msgspec.Meta(ge=-1, le=_MOST)]


class BeaconEvent(msgspec.Struct, frozen=True, kw_only=True, rename=lambda name: name.replace("nova_", "nova-")):
    """One moment of a player, by the names of CMCD version 2 (CTA-5004-A), and `nova-` where it has none.

    Whatever is counted is told as its sum since the session began, in every event. Lengths are milliseconds, rates
    kbit/s.
    """

    e: Annotated[
        Literal["ps", "t", "e", "bc", "b"],
        msgspec.Meta(description="ps: another state, t: time has passed, e: error, bc: quality, b: shown or hidden."),
    ]
    ts: Annotated[Moment, msgspec.Meta(description="When, in milliseconds since 1970 by the player's clock.")]
    sn: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1, description="Number of the event in its session, from 0.")]
    sta: Annotated[
        Literal["s", "p", "k", "r", "a", "e", "f", "q", "d"] | None,
        msgspec.Meta(
            description="s starting, p playing, k seeking, r rebuffering, a paused, e ended, f fatal, q quit, "
            "d preloading."
        ),
    ] = None
    pt: Annotated[Length | None, msgspec.Meta(description="Where in the media.")] = None
    pr: Annotated[Annotated[float, msgspec.Meta(ge=0, le=_MOST)], msgspec.Meta(description="Playback rate.")] = 1.0
    msd: Annotated[
        Length | None, msgspec.Meta(description="From the wish to play to the first frame; null before.")
    ] = None
    bl: Annotated[Lengths | None, msgspec.Meta(description="Media in the buffer.")] = None
    ltc: Annotated[Length | None, msgspec.Meta(description="How far behind the encoder.")] = None
    bsa: Annotated[Numbers | None, msgspec.Meta(description="How often it waited for media.")] = None
    bsda: Annotated[Lengths | None, msgspec.Meta(description="How long it did, seeking left out.")] = None
    dfa: Annotated[Number, msgspec.Meta(description="Frames that were not shown.")] = 0
    br: Annotated[Numbers | None, msgspec.Meta(description="Rate of the chosen rendition.")] = None
    mtp: Annotated[Numbers | None, msgspec.Meta(description="Measured throughput.")] = None
    ec: Annotated[Codes | None, msgspec.Meta(description="Code of an error, as in playback-reports/.")] = None
    nova_watch: Annotated[
        Length, msgspec.Meta(description="How long pictures were wanted and shown, waiting included.")
    ] = 0
    nova_seek: Annotated[Length, msgspec.Meta(description="How long it waited after seeking.")] = 0
    nova_ups: Annotated[Number, msgspec.Meta(description="How often the quality rose.")] = 0
    nova_downs: Annotated[Number, msgspec.Meta(description="How often it fell.")] = 0
    nova_upscale: Annotated[
        Annotated[list[Scale], msgspec.Meta(max_length=2)] | None,
        msgspec.Meta(description="How much larger pictures are shown than they are, on average and at most."),
    ] = None
    nova_rate: Annotated[Number, msgspec.Meta(description="Sum of kbit/s shown times milliseconds.")] = 0
    nova_bytes: Annotated[Number, msgspec.Meta(description="Bytes of media received.")] = 0
    nova_q: Annotated[
        Annotated[str, msgspec.Meta(max_length=40)] | None,
        msgspec.Meta(description="Name of the chosen rendition, such as 1080p; 12 letters of it are kept."),
    ] = None
    nova_fatal: Annotated[bool, msgspec.Meta(description="Whether the error ended playback.")] = False
    nova_business: Annotated[bool, msgspec.Meta(description="Whether it was to be, as when a window closes.")] = False
    nova_hidden: Annotated[bool, msgspec.Meta(description="Whether nobody sees the page.")] = False
    nova_renewed: Annotated[
        bool, msgspec.Meta(description="Whether the session goes on with what another one of this player had begun.")
    ] = False


class BeaconBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a player tells at once. Members that nobody knows are passed over."""

    v: Annotated[Literal[1], msgspec.Meta(description="Version of this form.")]
    token: Annotated[str, msgspec.Meta(max_length=200, description="`beacon.token` of the session.")]
    sent: Annotated[Moment, msgspec.Meta(description="When it was sent, by the same clock as `ts`.")]
    ev: Annotated[list[BeaconEvent], msgspec.Meta(min_length=1, max_length=MOST_EVENTS)]


_decoder = msgspec.json.Decoder(BeaconBody)


def parse_body(content: bytes) -> BeaconBody:
    """Return what was sent. Raises MalformedRequest of what is no JSON, InvalidInput of what is no beacon."""
    try:
        return _decoder.decode(content)
    except msgspec.ValidationError as error:
        raise InvalidInput((_fault(str(error)),)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedRequest(_("The body is no JSON: %(fault)s") % {"fault": error}) from error
    except RecursionError as error:
        raise MalformedRequest(_("The body is nested too deeply.")) from error


def _fault(sentence: str) -> FieldError:
    """Say where in the body a fault is: "Expected `int` - at `$.ev[0].sn`" becomes the pointer /ev/0/sn."""
    found = _AT_FIELD.search(sentence)
    path = found[1] if found else ""
    pointer = path.replace("[", "/").replace("]", "").replace(".", "/")
    return FieldError(pointer=pointer, code="invalid", detail=sentence[: found.start()] if found else sentence)
