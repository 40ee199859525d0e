"""What broadcasters should know of what they send, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

WARNINGS: Mapping[str, str | Promise] = {
    "no-video": gettext_lazy("No picture comes: viewers only hear you."),
    "no-audio": gettext_lazy("No sound comes: viewers see you in silence."),
    "video-codec-unsupported": gettext_lazy("The picture is in a format that cannot be read. Send H.264."),
    "audio-codec-unsupported": gettext_lazy("The sound is in a format that cannot be read. Send AAC."),
    "key-frames-missing": gettext_lazy("No key frame comes. Set the key frame interval to 2 seconds."),
    "key-frames-far-apart": gettext_lazy("Key frames are far apart. Set the key frame interval to 2 seconds."),
    "timestamps-jumped": gettext_lazy("The clock of the encoder has jumped; viewers may have seen a jump, too."),
    "too-slow": gettext_lazy("This machine cannot encode all qualities in time: there are fewer now."),
    "encoder-restarted": gettext_lazy("The encoding had to begin anew; viewers may have seen a jump."),
}


def warning_words(code: str) -> str | Promise:
    """Return what a code says to a broadcaster; the code itself where it has no words yet."""
    return WARNINGS.get(code, code)
