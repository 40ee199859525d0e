"""What is wrong with a caption file, in words that name the place and the fix."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from catalog.captions.findings import Code, Finding

_SENTENCES: Mapping[Code, str | Promise] = {
    Code.FILE_EMPTY: gettext_lazy("The file is empty."),
    Code.FILE_TOO_LARGE: gettext_lazy("The file is larger than %(most_mb)s MB, so it holds more than captions."),
    Code.NOT_TEXT: gettext_lazy("This is no text file. Export the captions as SRT, WebVTT, ASS or TTML."),
    Code.IS_ANOTHER_FILE: gettext_lazy(
        "This is a %(kind)s file, whatever its name says. Choose the caption file itself (SRT, WebVTT, ASS, TTML)."
    ),
    Code.IS_HTML: gettext_lazy("This is a web page, not a caption file. Download the file itself."),
    Code.ENCODING_UNKNOWN: gettext_lazy("Nobody can tell how the letters are encoded. Save the file as UTF-8."),
    Code.FORMAT_UNKNOWN: gettext_lazy("This is no caption file. SRT, WebVTT, ASS/SSA and TTML are read."),
    Code.NO_CUES: gettext_lazy("There are no cues in it."),
    Code.TOO_MANY_CUES: gettext_lazy("There are more than %(most)s cues."),
    Code.XML_BROKEN: gettext_lazy("The XML is broken here."),
    Code.XML_FORBIDDEN: gettext_lazy(
        "The XML declares a document type or entities, or is nested very deeply. Export it without them."
    ),
    Code.NOT_TTML: gettext_lazy("The XML is no TTML: its first element must be “tt”."),
    Code.ASS_WITHOUT_FORMAT: gettext_lazy(
        "No “Format:” line with Start, End and Text stands before the dialogue in [Events]."
    ),
    Code.TIMES_UNREADABLE: gettext_lazy("“%(shown)s” cannot be read as times; write 00:00:01,000 --> 00:00:02,500."),
    Code.TIMES_MISSING: gettext_lazy("There are no times. Does a blank line or a line of times stand in the way?"),
    Code.TIME_TOO_LATE: gettext_lazy("It is later than any film lasts."),
    Code.ENDS_BEFORE_IT_STARTS: gettext_lazy("It does not end after it starts. Correct its times."),
    Code.TEXT_TOO_LONG: gettext_lazy("Its text is longer than %(most)s characters. Is a line of times missing in it?"),
    Code.LONG_AFTER_THE_FILM: gettext_lazy(
        "It ends %(seconds)s s after the film. Is this another film's file, or the running time wrong?"
    ),
    Code.BEFORE_THE_FILM: gettext_lazy("It would be over before the film begins. Choose a smaller offset."),
    Code.OUT_OF_ORDER: gettext_lazy("It starts before the one above it; the cues were put in order."),
    Code.OVERLAPS: gettext_lazy("It starts before cue %(other)s has ended."),
    Code.AFTER_THE_FILM: gettext_lazy(
        "It ends %(seconds)s s after the film. Was the file made for another frame rate? Stretching helps."
    ),
    Code.LINE_TOO_LONG: gettext_lazy("A line is %(columns)s columns wide; more than %(most)s may not fit."),
    Code.TAGS_REMOVED: gettext_lazy("Tags that captions cannot have were left out: %(tags)s."),
    Code.SETTINGS_REMOVED: gettext_lazy("Settings that nobody understands were left out: %(settings)s."),
    Code.STYLES_REMOVED: gettext_lazy("Styles and regions of the file were left out."),
    Code.CUE_EMPTY: gettext_lazy("A cue without words was left out."),
    Code.DRAWING_REMOVED: gettext_lazy("A drawing was left out."),
    Code.CONTROLS_REMOVED: gettext_lazy("Unprintable characters were left out."),
    Code.BLANK_LINE: gettext_lazy("A blank line in the text was closed up. Does the text belong together?"),
    Code.STRAY_TEXT: gettext_lazy("Text before the first cue was left out."),
    Code.CUT_AT_THE_START: gettext_lazy("It would begin before the film, so it begins with it."),
}
# Where a sentence begins by its place, the place stands before it.
_PLACES = {
    (True, True): gettext_lazy("Line %(line)s, cue %(cue)s: %(sentence)s"),
    (True, False): gettext_lazy("Line %(line)s: %(sentence)s"),
    (False, True): gettext_lazy("Cue %(cue)s: %(sentence)s"),
    (False, False): "%(sentence)s",
}


def describe_finding(finding: Finding, *, with_place: bool = True) -> str:
    """Return "Line 14, cue 3: It does not end after it starts. Correct its times."."""
    sentence = str(_SENTENCES[finding.code]) % dict(finding.values)
    if not with_place:
        return sentence
    pattern = _PLACES[finding.line is not None, finding.cue is not None]
    return str(pattern) % {"line": finding.line, "cue": finding.cue, "sentence": sentence}


_IMPOSSIBLE: Mapping[str, str | Promise] = {
    "stretch-out-of-range": gettext_lazy("Choose a factor between 0.5 and 2."),
    "offset-out-of-range": gettext_lazy("Choose an offset that is shorter than the film."),
    "points-too-close": gettext_lazy("Choose two cues that are further apart."),
    "points-out-of-range": gettext_lazy("These two would stretch the text to less than half or more than double."),
}


def describe_impossible(reason: str) -> str:
    """Return why a correction of times makes no sense."""
    return str(_IMPOSSIBLE[reason])
