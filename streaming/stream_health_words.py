"""What is said of the health of a stream: words for a broadcaster who has the settings of the encoder at hand."""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from streaming.live_wording import live_words
from streaming.stream_health import FindingCode, Quantity, Unit

_Text = str | Promise


class Advice(NamedTuple):
    """What is wrong, in a few words, and what to do about it."""

    title: _Text
    advice: _Text


_ADVICE: Mapping[str, Advice] = {
    FindingCode.ENCODER_AWAY: Advice(
        gettext_lazy("Nothing comes from the encoder"),
        gettext_lazy(
            "Look whether it is streaming still and has a network. It may connect again by the same key: viewers see "
            "one broadcast."
        ),
    ),
    FindingCode.BITRATE_BELOW_ANNOUNCED: Advice(
        gettext_lazy("Less comes than the encoder means to send"),
        gettext_lazy(
            "The line is too slow for it, or the computer too busy. In OBS, under Settings > Output, set a lower Video "
            "Bitrate: two thirds of what a speed test says of your upload. A cable is better than Wi-Fi."
        ),
    ),
    FindingCode.BITRATE_LOW: Advice(
        gettext_lazy("The bit rate is low for a picture of this size"),
        gettext_lazy(
            "Motion looks blurred. In OBS, raise Video Bitrate under Settings > Output, or choose a smaller Output "
            "(Scaled) Resolution under Settings > Video."
        ),
    ),
    FindingCode.FRAMES_MISSING: Advice(
        gettext_lazy("Pictures are missing"),
        gettext_lazy(
            "The encoder leaves frames out. In OBS, View > Stats says why: if frames are lost to the network, lower "
            "Video Bitrate; if to encoding or rendering lag, choose a hardware encoder, a faster preset, or 30 frames "
            "a second."
        ),
    ),
    FindingCode.KEY_FRAMES_FAR: Advice(
        gettext_lazy("Key frames are too far apart"),
        gettext_lazy(
            "Viewers wait longer for their first picture, and what you send cannot be passed on as it is. In OBS, set "
            "Keyframe Interval under Settings > Output > Streaming to 2 s; 0 lets the encoder choose."
        ),
    ),
    FindingCode.SOUND_EARLY: Advice(
        gettext_lazy("Sound arrives ahead of the picture"),
        gettext_lazy(
            "In OBS, look at Advanced Audio Properties: Sync Offset delays a source. A capture card often delays the "
            "picture by itself."
        ),
    ),
    FindingCode.SOUND_LATE: Advice(
        gettext_lazy("Sound arrives behind the picture"),
        gettext_lazy(
            "In OBS, look at Advanced Audio Properties for a Sync Offset that is too large, and restart the audio "
            "device; a computer that is too busy also delays sound."
        ),
    ),
    FindingCode.LINE_TOO_SLOW: Advice(
        gettext_lazy("What you send comes late"),
        gettext_lazy(
            "The line takes less than the encoder sends, so that it falls behind. In OBS, lower Video Bitrate under "
            "Settings > Output, or have it change with the network: Settings > Advanced > Dynamically change bitrate."
        ),
    ),
    FindingCode.ENCODER_TOO_SLOW: Advice(
        gettext_lazy("The portal does not keep up with encoding"),
        gettext_lazy(
            "Nothing is wrong with what you send. 30 frames a second, or 720p, is less work; or tell an operator, who "
            "can take qualities away or give the origin more cores."
        ),
    ),
    FindingCode.PARTS_LATE: Advice(
        gettext_lazy("Viewers have to wait for the next moment"),
        gettext_lazy(
            "Media comes, but nothing new was listed for viewers. If it does not pass within seconds, stop and start "
            "the stream in the encoder, and tell an operator."
        ),
    ),
    FindingCode.RECONNECTS: Advice(
        gettext_lazy("The connection broke in the last five minutes"),
        gettext_lazy(
            "The encoder connected again by itself. Use a cable rather than Wi-Fi, lower Video Bitrate, and see that "
            "no firewall or power saving ends long connections."
        ),
    ),
    FindingCode.SEAMS: Advice(
        gettext_lazy("Encoding began anew in the last five minutes"),
        gettext_lazy(
            "Viewers saw a short jump. Do not change resolution, frame rate or sound of the encoder while you are on "
            "air. If you did not, tell an operator."
        ),
    ),
}
# Of what the plan of a stream notes; the rest of what there is to say is said where it is said otherwise.
_TITLES: Mapping[str, _Text] = {
    "no-picture": gettext_lazy("There is no picture"),
    "no-sound": gettext_lazy("There is no sound"),
    "size-unknown": gettext_lazy("The size of the picture is not known"),
    "rate-halved": gettext_lazy("Viewers get half the frames"),
    "rungs-left-out": gettext_lazy("Some qualities are left out"),
    "lighter-preset": gettext_lazy("The picture is encoded with less care"),
    "key-frames-too-rare": gettext_lazy("The best quality is encoded anew: key frames"),
    "frames-uneven": gettext_lazy("The best quality is encoded anew: uneven frames"),
    "bitrate-too-high": gettext_lazy("The best quality is encoded anew: bit rate"),
    "recording-cut": gettext_lazy("The recording is not whole"),
}


def advice_on(code: str) -> Advice:
    """Return what is said of a finding."""
    if code in _ADVICE:
        return _ADVICE[code]
    return Advice(_TITLES.get(code, code), live_words(code))


def all_advice() -> Mapping[str, Advice]:
    """Return what is said of each finding there is, by its code: events name it in one language only."""
    return {code: advice_on(code) for code in (*_ADVICE, *_TITLES)}


def format_quantity(quantity: Quantity) -> str:
    """Return a figure with its unit, as it is written in any language."""
    value = quantity.value
    if quantity.unit is Unit.BPS:
        return f"{value / 1_000_000:.1f} Mbit/s" if value >= 1_000_000 else f"{value / 1000:.0f} kbit/s"
    if quantity.unit is Unit.FRAMES_A_SECOND:
        return f"{value:.4g} fps"
    if quantity.unit is Unit.SECONDS:
        return f"{value:.1f} s"
    return f"{value:.0f} ×"
