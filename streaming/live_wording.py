"""What broadcasters should know of what they send, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

# Notes of a live plan, and why nothing could be made of a stream.
_WORDS: Mapping[str, str | Promise] = {
    "no-picture": gettext_lazy("No picture comes: viewers only hear you."),
    "no-sound": gettext_lazy("No sound comes: viewers see you in silence."),
    "size-unknown": gettext_lazy("The encoder does not say how large the picture is; a common size is assumed."),
    "rate-halved": gettext_lazy("Every second frame is left out: this machine is too slow for all of them."),
    "rungs-left-out": gettext_lazy("Some qualities are left out: this machine is too slow for all of them."),
    "lighter-preset": gettext_lazy(
        "The picture is a little worse than it could be: this machine is too slow for more."
    ),
    "key-frames-too-rare": gettext_lazy(
        "Key frames come more than 2 seconds apart, so the best quality is encoded anew. Set the key frame interval of "
        "the encoder to 2 seconds, and it is passed on as you send it."
    ),
    "frames-uneven": gettext_lazy(
        "Frames come unevenly, so the best quality is encoded anew. Let the encoder send a constant frame rate, and it "
        "is passed on as you send it."
    ),
    "bitrate-too-high": gettext_lazy(
        "You send more than viewers of the best quality are given, so it is encoded anew. Send at a lower bit rate, "
        "and it is passed on as you send it."
    ),
    "no-media": gettext_lazy("The encoder was connected and sent neither picture nor sound."),
    "no-key-frames": gettext_lazy("No key frame came. Set the key frame interval of the encoder to 2 seconds."),
    "video-codec-unsupported": gettext_lazy("The picture is in a format that cannot be read here. Send H.264."),
    "picture-missing": gettext_lazy("The encoder came back without a picture."),
    "picture-too-large": gettext_lazy("The picture is larger than can be handled here. Send 1080p or 720p."),
    "encoder-keeps-failing": gettext_lazy(
        "The encoding failed again and again. Try other settings, or tell an operator."
    ),
    "format-keeps-changing": gettext_lazy(
        "The format of picture or sound changed again and again. Keep the settings of the encoder while you are on air."
    ),
    "recording-cut": gettext_lazy("Something could not be stored: the recording ends before it."),
    "recording-lost": gettext_lazy("What was stored of the stream makes no recording."),
}


def live_words(code: str) -> str | Promise:
    """Return what a code says to a broadcaster; the code itself where it has no words yet."""
    return _WORDS.get(code, code)
