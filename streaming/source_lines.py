"""What a source holds, track by track, in words."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from streaming.lengths import format_length
from streaming.media.codable import NotDecodable, decode
from streaming.media.streams import AudioStream, Hdr, ProbeResult, SubtitleStream, VideoStream
from streaming.plan_lines import megabits
from streaming.wording import codec_words, hdr_words, language_words, layout_words, rate_words

_USUAL_BITS = 8


def source_lines(stored: object) -> tuple[str, ...]:
    """Return what was found in a source; nothing where nobody has looked yet, or another version of the portal has."""
    try:
        return tuple(_lines(decode(ProbeResult, stored, where="probe")))
    except NotDecodable:
        return ()


def _lines(found: ProbeResult) -> Iterator[str]:
    yield _("Length: %(length)s") % {"length": format_length(float(found.duration_s))}
    if found.video:
        yield _picture(found.video)
    yield from map(_sound, found.audio)
    yield from map(_subtitles, found.subtitles)
    if found.chapters:
        yield _("Chapters: %(count)d") % {"count": len(found.chapters)}


def _picture(video: VideoStream) -> str:
    facts = {
        "codec": codec_words(video.codec),
        "width": video.width_px,
        "height": video.height_px,
        "rate": rate_words(str(video.frame_rate)),
        "more": _more_of(video),
    }
    return _("Picture: %(codec)s, %(width)d × %(height)d, %(rate)s frames a second%(more)s") % facts


def _more_of(video: VideoStream) -> str:
    """Return what not every picture has, each behind a comma."""
    more = []
    if video.bit_depth > _USUAL_BITS:
        more.append(_("%(bits)d bits") % {"bits": video.bit_depth})
    if video.hdr is not Hdr.SDR:
        more.append(hdr_words(video.hdr))
    if video.is_interlaced:
        more.append(_("interlaced"))
    if video.bitrate_bps:
        more.append(megabits(video.bitrate_bps))
    return "".join(f", {words}" for words in more)


def _sound(audio: AudioStream) -> str:
    facts = {
        "language": language_words(audio.language),
        "codec": codec_words(audio.codec),
        "layout": layout_words(str(audio.channels)),
    }
    return _("Sound in %(language)s: %(codec)s, %(layout)s") % facts


def _subtitles(text: SubtitleStream) -> str:
    facts = {"language": language_words(text.language)}
    if text.is_text:
        return _("Subtitles in %(language)s") % facts
    return _("Subtitles in %(language)s, as pictures") % facts
