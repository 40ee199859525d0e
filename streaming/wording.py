"""What packaging has to say, in words that editors understand: causes of failure, notes of a plan, warnings."""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext_lazy

from catalog.codes import language_name
from streaming.media.package_plan import Note, NoteCode, PlanOfAnotherVersion, plan_from_json
from streaming.media.streams import Caution

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words = str | Promise

_MINUTE_S = 60
_KNOWN_CODECS = {
    "aac": "AAC",
    "ac3": "AC-3",
    "av1": "AV1",
    "dts": "DTS",
    "eac3": "E-AC-3",
    "flac": "FLAC",
    "h264": "H.264",
    "hevc": "HEVC",
    "mpeg1video": "MPEG-1",
    "mpeg2video": "MPEG-2",
    "mp2": "MP2",
    "mp3": "MP3",
    "mpeg4": "MPEG-4 Part 2",
    "opus": "Opus",
    "prores": "ProRes",
    "vp8": "VP8",
    "vp9": "VP9",
}
_KNOWN_HDR = {"hdr10": "HDR10", "hlg": "HLG", "dolby-vision": "Dolby Vision"}
_LAYOUTS: Mapping[str, Words] = {
    "1": gettext_lazy("mono"),
    "2": gettext_lazy("stereo"),
    "6": "5.1",
    "8": "7.1",
}
_TRACK = re.compile(r"a(\d{1,3})-\w{1,20}")
_PIXELS = re.compile(r"yuvj?4(\d)(\d)p(\d{0,2})(?:[lb]e)?")

# What went wrong, and behind it what helps.
FAILURES: Mapping[str, Words] = {
    "source-unreadable": gettext_lazy(
        "This is no film that can be read, whatever its name says. Export it again as MP4 or MOV, and upload that."
    ),
    "source-no-streams": gettext_lazy("The file holds neither picture nor sound. Was the right file chosen?"),
    "source-encrypted": gettext_lazy(
        "The file is protected against copying. Ask whoever delivered it for one without protection."
    ),
    "source-unknown-codec": gettext_lazy(
        "Picture or sound are in a format that cannot be read here. Export the film as H.264 or ProRes with AAC."
    ),
    "source-no-duration": gettext_lazy(
        "Nothing in the file tells how long it is; most such files were cut off. Export or upload it again."
    ),
    "source-too-long": gettext_lazy("The film is longer than 24 hours. Upload it in parts."),
    "source-too-large": gettext_lazy(
        "The picture has more pixels than can be handled here. Export it in 8K or smaller, and upload that."
    ),
    "source-contradictory": gettext_lazy(
        "What the file says of itself contradicts what is in it. Export it again, and upload that."
    ),
    "damaged": gettext_lazy(
        "Parts of the file are damaged. Compare it with the original, or export it again, and upload that."
    ),
    "truncated": gettext_lazy("The file ends too early: its end is missing. Export or upload it again."),
    "codec-unknown": gettext_lazy(
        "Picture or sound are in a format that cannot be decoded here. Export the film as H.264 or ProRes with AAC."
    ),
    "encrypted": gettext_lazy(
        "The film is protected against copying. Ask whoever delivered it for one without protection."
    ),
    "refused-reference": gettext_lazy(
        "The file refers to other files or addresses, which are not opened. Export it as one file of its own."
    ),
    "source-missing": gettext_lazy(
        "The uploaded file was not found in storage, or could not be read. Try again; if that does not help, upload it "
        "again."
    ),
    "disk-full": gettext_lazy("A disk of the portal is full. Tell an operator; then try again."),
    "package-storage-full": gettext_lazy(
        "There is no room for the package where packages are kept. Tell an operator; then try again."
    ),
    "package-storage-unreachable": gettext_lazy(
        "The storage for packages did not answer, several times. Try again; if that does not help, tell an operator."
    ),
    "package-storage-refused": gettext_lazy(
        "The storage for packages refused what was asked of it. Tell an operator, who has to mend its rights; then try "
        "again."
    ),
    "memory": gettext_lazy("Packaging needed more memory than it may take. Tell an operator, or try again later."),
    "killed": gettext_lazy("Packaging was stopped from outside several times. Try again, or tell an operator."),
    "reader-gone": gettext_lazy(
        "The portal stopped taking what was made. Try again; if that does not help, tell an operator."
    ),
    "out-of-order": gettext_lazy("The times in the file jump back and forth. Export it again, and upload that."),
    "unknown": gettext_lazy(
        "FFmpeg gave up for a reason that is not known here. Export the film as H.264 with AAC, and upload that; if it "
        "fails again, show an operator what FFmpeg said."
    ),
    "took-too-long": gettext_lazy(
        "Packaging was stopped after %(minutes)d min, far more than a film of this length should take. Try again when "
        "less is to be done; if that does not help, tell an operator."
    ),
    "hung": gettext_lazy(
        "Packaging came no further and was stopped after %(minutes)d min. The file may be damaged; export it again."
    ),
    "media-fault": gettext_lazy(
        "What was made of the film would not play everywhere, so it was not published. The file may be damaged; "
        "export it again."
    ),
    "worker-lost": gettext_lazy(
        "The process that packaged this film was lost several times. Try again; if that fails, tell an operator."
    ),
    "internal": gettext_lazy("Something went wrong on our side. Try again; if that does not help, tell an operator."),
}
_UNKNOWN_FAILURE = gettext_lazy(
    "It failed for a reason that this version of the portal does not know (%(code)s). Try again, or tell an operator."
)


def failure_words(code: str, facts: Mapping[str, object]) -> str:
    """Return why a job failed and what helps, "" for one that has not."""
    if not code:
        return ""
    wall_s = facts.get("wall_s")
    minutes = max(1, round(wall_s / _MINUTE_S)) if isinstance(wall_s, int | float) else 1
    return str(FAILURES.get(code, _UNKNOWN_FAILURE)) % {"minutes": minutes, "code": code}


CAUTIONS: Mapping[Caution, Words] = {
    Caution.TRACKS_LEFT_OUT: gettext_lazy("The file has more tracks than are taken; the last ones were left out."),
    Caution.MORE_PICTURES: gettext_lazy("The file has several video tracks; the first one was taken."),
    Caution.UNKNOWN_TRACKS: gettext_lazy("Some tracks are of an unknown kind, and were left out."),
    Caution.LENGTHS_DIFFER: gettext_lazy(
        "The file names another length than its tracks have; theirs was taken. See whether the film's end is there."
    ),
}
NOTES: Mapping[NoteCode, Words] = {
    NoteCode.PASSED_THROUGH: gettext_lazy("The picture is taken as it is, %(first)s × %(second)s, and loses nothing."),
    NoteCode.ENCODED_CODEC: gettext_lazy("The picture is encoded anew: not every browser plays %(first)s."),
    NoteCode.ENCODED_DEPTH: gettext_lazy(
        "The picture is encoded anew: not every browser shows the pixel format %(first)s."
    ),
    NoteCode.ENCODED_HDR: gettext_lazy(
        "The picture is encoded anew: %(first)s is turned into colours that every screen shows."
    ),
    NoteCode.ENCODED_INTERLACED: gettext_lazy(
        "The picture is encoded anew: its half frames are joined into whole ones."
    ),
    NoteCode.ENCODED_ROTATED: gettext_lazy("The picture is encoded anew: it is turned by %(first)s°."),
    NoteCode.ENCODED_ANAMORPHIC: gettext_lazy(
        "The picture is encoded anew: its pixels are not square (%(first)s), and players may squeeze it."
    ),
    NoteCode.ENCODED_VARIABLE_RATE: gettext_lazy(
        "The picture is encoded anew: its frames come at no constant rate, and get %(first)s a second."
    ),
    NoteCode.ENCODED_RATE: gettext_lazy(
        "The picture is encoded anew: its %(first)s frames a second become %(second)s."
    ),
    NoteCode.ENCODED_SIZE: gettext_lazy("The picture is encoded anew: %(first)s × %(second)s fits no quality level."),
    NoteCode.ENCODED_OPEN_GROUPS: gettext_lazy(
        "The picture is encoded anew: parts of it cannot be decoded without those before (open groups of pictures)."
    ),
    NoteCode.ENCODED_KEY_FRAMES: gettext_lazy(
        "The picture is encoded anew: its key frames are up to %(first)s s apart, and players could hardly seek."
    ),
    NoteCode.ENCODED_BITRATE: gettext_lazy(
        "The picture is encoded anew: it takes %(first)s Mbit/s, and at most %(second)s suits its quality level."
    ),
    NoteCode.ENCODED_COPY_FAULT: gettext_lazy(
        "All of it was encoded in a second attempt: as it was it would not have played everywhere (%(first)s)."
    ),
    NoteCode.AUDIO_PASSED_THROUGH: gettext_lazy("%(first)s is taken as it is."),
    NoteCode.AUDIO_ENCODED: gettext_lazy("%(first)s is encoded as AAC, %(second)s."),
    NoteCode.AUDIO_LEFT_OUT: gettext_lazy("A further sound track in %(first)s was left out%(second)s."),
    NoteCode.SILENT: gettext_lazy("There is no sound."),
    NoteCode.NO_PICTURE: gettext_lazy("There is no picture; only the sound is packaged."),
    NoteCode.SUBTITLES_KEPT: gettext_lazy("The file's own subtitles are taken: %(first)s."),
    NoteCode.SUBTITLES_ARE_PICTURES: gettext_lazy(
        "Subtitles are pictures and were left out: %(first)s. Upload them as text, among the movie's captions."
    ),
    NoteCode.SUBTITLES_FROM_CATALOGUE: gettext_lazy(
        "The movie's own captions are taken instead of the file's subtitles: %(first)s."
    ),
    NoteCode.SOURCE_CAUTION: "%(first)s",
}
_KEY_FRAMES_UNKNOWN = gettext_lazy("The picture is encoded anew: how far apart its key frames are could not be told.")
_OTHER_PLAN = gettext_lazy("The plan was made by another version of the portal, and cannot be shown.")


def note_words(note: Note) -> str:
    """Return what the plan tells an editor in one of its notes."""
    if note.code is NoteCode.ENCODED_KEY_FRAMES and note.values == ("unknown",):
        return str(_KEY_FRAMES_UNKNOWN)
    shows = _SHOWN.get(note.code, ())
    shown = [shows[place](value) if place < len(shows) else value for place, value in enumerate(note.values)]
    return str(NOTES[note.code]) % dict(zip(("first", "second"), shown, strict=False))


def plan_words(plan: object) -> tuple[str, ...]:
    """Return what a stored plan tells; nothing where there is none yet."""
    if plan is None:
        return ()
    try:
        notes = plan_from_json(plan).notes
    except PlanOfAnotherVersion:
        return (str(_OTHER_PLAN),)
    return tuple(map(note_words, notes))


# Of jobs that succeeded.
WARNINGS: "Mapping[str, _StrPromise]" = {
    "broken-frames": ngettext_lazy(
        "A frame was damaged, and repaired or left out. Have a look at the film.",
        "%(count)d frames were damaged, and repaired or left out. Have a look at the film.",
        "count",
    ),
    "shorter-than-told": gettext_lazy("The film is shorter than its file says. See whether its end is there."),
    "subtitles-too-long": gettext_lazy(
        "The file's subtitles in %(language)s are longer than any film's, and were left out. Upload them as captions."
    ),
    "loudness": gettext_lazy("%(track)s: loudness %(lufs)s LUFS; −16 to −23 is usual."),
}
_UNKNOWN_WARNING = gettext_lazy("There is a warning that this version of the portal does not know (%(code)s).")


def warning_words(warning: Mapping[str, object]) -> str:
    """Return what a job that succeeded warns of."""
    facts = {
        "code": warning.get("code"),
        "count": warning.get("count", 0),
        "track": _track(str(warning.get("track", ""))),
        "lufs": str(warning.get("lufs")).replace("-", "−"),
        "language": language_words(str(warning.get("language", "und"))),
    }
    return str(WARNINGS.get(str(warning.get("code")), _UNKNOWN_WARNING) % facts)


def codec_words(name: str) -> str:
    """Return "H.264" for "h264"."""
    return _KNOWN_CODECS.get(name, name)


def hdr_words(kind: str) -> str:
    return _KNOWN_HDR.get(kind, kind)


def _pixels(name: str) -> str:
    """Return "4:2:2, 10 bits" for "yuv422p10le"; rarer ones as FFmpeg calls them."""
    found = _PIXELS.fullmatch(name)
    if not found:
        return name
    facts = {"sampling": f"4:{found[1]}:{found[2]}", "bits": int(found[3] or 8)}
    return gettext("%(sampling)s, %(bits)d bits") % facts


def rate_words(rate: str) -> str:
    """Return "23.976" for "24000/1001"."""
    return f"{float(Fraction(rate)):.3f}".rstrip("0").rstrip(".")


def _shape(aspect: str) -> str:
    """Return "4:3" for "4/3"."""
    return aspect.replace("/", ":")


def _megabits(bitrate_bps: str) -> str:
    return f"{int(bitrate_bps) / 1_000_000:.1f}"


def language_words(tag: str) -> str:
    return gettext("an unknown language") if tag == "und" else language_name(tag)


def _caution(code: str) -> str:
    return str(CAUTIONS[Caution(code)])


def _track(name: str) -> str:
    """Return "Sound track 2" for the track "a2-stereo"."""
    found = _TRACK.fullmatch(name)
    return gettext("Sound track %(number)s") % {"number": found[1]} if found else name


def _title(title: str) -> str:
    return f" ({title})" if title else ""


def layout_words(channels: str) -> str:
    """Return "stereo" for "2"; unusual numbers of channels are counted."""
    return str(_LAYOUTS.get(channels, gettext("%(count)s channels") % {"count": channels}))


# How the values of a note are shown; those that are not named here as they are.
_SHOWN: Mapping[NoteCode, tuple[Callable[[str], str], ...]] = {
    NoteCode.ENCODED_CODEC: (codec_words,),
    NoteCode.ENCODED_DEPTH: (_pixels,),
    NoteCode.ENCODED_HDR: (hdr_words,),
    NoteCode.ENCODED_ANAMORPHIC: (_shape,),
    NoteCode.ENCODED_VARIABLE_RATE: (rate_words,),
    NoteCode.ENCODED_RATE: (rate_words, rate_words),
    NoteCode.ENCODED_BITRATE: (_megabits, _megabits),
    NoteCode.AUDIO_PASSED_THROUGH: (_track,),
    NoteCode.AUDIO_ENCODED: (_track, layout_words),
    NoteCode.AUDIO_LEFT_OUT: (language_words, _title),
    NoteCode.SUBTITLES_KEPT: (language_words,),
    NoteCode.SUBTITLES_ARE_PICTURES: (language_words,),
    NoteCode.SUBTITLES_FROM_CATALOGUE: (language_words,),
    NoteCode.SOURCE_CAUTION: (_caution,),
}
