"""What a plan makes of a film, track by track, in words."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from streaming.media.ladder import Codec
from streaming.media.package_plan import AudioTrack, PackagingPlan, PlanOfAnotherVersion, VideoTrack, plan_from_json
from streaming.wording import language_words

_CODECS = {Codec.H264: "H.264", Codec.HEVC: "HEVC", Codec.AV1: "AV1"}


def track_lines(stored: object) -> tuple[str, ...]:
    """Return what a stored plan makes, the best picture first; nothing where there is none that can be read."""
    try:
        return tuple(_lines(plan_from_json(stored)))
    except PlanOfAnotherVersion:
        return ()


def megabits(bitrate_bps: int) -> str:
    return _("%(rate)s Mbit/s") % {"rate": f"{bitrate_bps / 1_000_000:.1f}"}


def _lines(plan: PackagingPlan) -> Iterator[str]:
    yield from map(_picture, plan.video)
    yield from map(_sound, plan.audio)
    for text in plan.texts:
        yield _("Subtitles in %(language)s") % {"language": language_words(text.language)}
    if plan.leader and len(plan.video) > 1:
        yield _("Viewers can begin with %(names)s, while the rest is made.") % {"names": plan.leader.rendition.name}


def _picture(track: VideoTrack) -> str:
    made = track.rendition
    facts = {"name": made.name, "width": made.width_px, "height": made.height_px}
    if track.is_copy:
        return _("%(name)s: %(width)d × %(height)d, as it is in the source") % facts
    facts |= {"codec": _CODECS[made.codec], "rate": megabits(made.bitrate_bps)}
    return _("%(name)s: %(width)d × %(height)d, %(codec)s, at most %(rate)s") % facts


def _sound(track: AudioTrack) -> str:
    facts = {"language": language_words(track.language), "rate": track.bitrate_bps // 1000}
    if track.is_copy:
        return _("Sound in %(language)s, as it is in the source") % facts
    return _("Sound in %(language)s, AAC, %(rate)d kbit/s") % facts
