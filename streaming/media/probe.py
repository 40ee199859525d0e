"""ffprobe's findings, read into types. Nothing is guessed: what is missing is unknown or an error."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import langcodes
from langcodes.tag_parser import LanguageTagError

from streaming.media.streams import (
    AudioStream,
    Caution,
    Chapter,
    Hdr,
    KeyFrames,
    ProbeResult,
    Reason,
    SubtitleStream,
    UnsupportedSource,
    VideoStream,
)

# Containers that hold their own bytes. Playlists, concat scripts, image sequences, SDP and the like name other files or
# addresses; they are on no list, whatever a file is called.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,mxf,flv,asf,ogg,wav,w64,aiff,mp3,flac,aac,ac3,eac3,nut,dv"
)
PROTOCOLS = "file,pipe"
LONGEST_S = 24 * 3600
LARGEST_SIDE_PX, MOST_PIXELS = 8192, 8192 * 4320
MOST_TRACKS = 32
MOST_CHAPTERS = 500
_LONGEST_TITLE = 200
# Enough for transport streams whose sound begins late; a header that lies costs no more than this.
_PROBE_BYTES, _ANALYSE_US = 32 * 1024 * 1024, 15_000_000
_WINDOW_S, _WINDOWS = 20, (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
_FIRST_WINDOW_S = 60
# Times of packets that are further apart belong to two windows.
_WINDOW_GAP_S = 30
_TEXT_CODECS = frozenset({"subrip", "ass", "ssa", "mov_text", "webvtt", "text"})
_FRAME_RATE_SLACK = Fraction(1, 1000)
_HIGHEST_RATE = 300
# Matroska counts whole nanoseconds a frame, which makes 19001/317 of 60000/1001.
_ROUNDED_BY = Fraction(1, 100_000)
_BROADCAST_RATES = tuple(Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 120))
_HDR_TRANSFERS = {"smpte2084": Hdr.HDR10, "arib-std-b67": Hdr.HLG}
# Profiles of Dolby Vision whose base layer is an ordinary HDR10, HLG or SDR picture.
_DOLBY_WITH_BASE = frozenset({1, 2, 4, 6})
_ENCRYPTED_TAGS = frozenset({"encv", "enca", "enct", "encs"})
# Containers may round; beyond that one of both is wrong.
_DURATION_SLACK_S = 2

Document = Mapping[str, Any]


def input_guards() -> dict[str, str]:
    """Return the options of FFmpeg and ffprobe that keep a hostile file from opening anything but itself."""
    return {"protocol_whitelist": PROTOCOLS, "format_whitelist": FORMATS}


def _guarded(ffprobe: str) -> list[str]:
    guards = [word for name, value in input_guards().items() for word in (f"-{name}", value)]
    return [ffprobe, "-v", "error", *guards, "-probesize", str(_PROBE_BYTES), "-analyzeduration", str(_ANALYSE_US)]


def build_probe_command(*, ffprobe: str, source: str) -> list[str]:
    """Return the argv that describes a file as JSON, for `parse_probe`. It reads a bounded part of the file."""
    shown = ["-show_format", "-show_streams", "-show_chapters", "-show_programs"]
    return [*_guarded(ffprobe), *shown, "-of", "json", "-i", f"file:{source}"]


def build_keyframes_command(*, ffprobe: str, source: str, video_index: int, duration_s: Fraction) -> list[str]:
    """Return the argv that lists the packets of the film's first minute and of three windows further on.

    Nothing is decoded. The container's own index would be quicker still, but it does not tell open groups of pictures
    from closed ones; the order of times does.
    """
    windows = [f"%+{_FIRST_WINDOW_S}"]
    if duration_s > 4 * (_FIRST_WINDOW_S + _WINDOW_S):
        windows += [f"{int(duration_s * share)}%+{_WINDOW_S}" for share in _WINDOWS]
    chosen = ["-select_streams", str(video_index), "-show_entries", "packet=pts_time,flags"]
    return [
        *_guarded(ffprobe),
        *chosen,
        "-read_intervals",
        ",".join(windows),
        "-of",
        "json",
        "-i",
        f"file:{source}",
    ]


def parse_keyframes(document: Document) -> KeyFrames | None:
    """Read what `build_keyframes_command` lists; None where no packet has a time."""
    packets = [
        (Fraction(packet["pts_time"]), "K" in packet.get("flags", ""))
        for packet in document.get("packets", ())
        if _is_number(packet.get("pts_time"))
    ]
    if not packets:
        return None
    gaps: list[Fraction] = []
    are_closed = True
    key: Fraction | None = None
    last = packets[0][0]
    for at, is_key in packets:
        if abs(at - last) > _WINDOW_GAP_S:
            key = None
        last = at
        if is_key:
            if key is not None:
                gaps.append(at - key)
            key = at
        elif key is not None and at < key:
            # It is shown before the key frame that it comes behind: it leans on the group before.
            are_closed = False
    return KeyFrames(longest_gap_s=max(gaps, default=None), are_closed=are_closed)


def parse_probe(document: Document, *, keyframes: KeyFrames | None = None) -> ProbeResult:
    """Read what `build_probe_command` prints.

    Raises:
        UnsupportedSource: nothing in it can be packaged, or it is beyond a limit.
    """
    head = document.get("format")
    if not isinstance(head, Mapping):
        raise UnsupportedSource(Reason.UNREADABLE, "no container was recognised")
    streams = [stream for stream in document.get("streams", ()) if isinstance(stream, Mapping)]
    if not streams:
        raise UnsupportedSource(Reason.NO_STREAMS, "the file holds no stream")
    _refuse_encrypted(streams)
    cautions: list[Caution] = []
    kept = _keep_tracks(streams, cautions)
    pictures = [stream for stream in kept if stream.get("codec_type") == "video" and not _is_cover(stream)]
    if len(pictures) > 1:
        cautions.append(Caution.MORE_PICTURES)
    audio = tuple(_parse_audio(stream) for stream in kept if stream.get("codec_type") == "audio")
    if not pictures and not audio:
        raise UnsupportedSource(Reason.NO_STREAMS, "the file holds neither picture nor sound")
    return ProbeResult(
        container=str(head.get("format_name", "")),
        duration_s=_find_duration(head, [*pictures[:1], *_of_type(kept, "audio")], cautions),
        start_s=_fraction(head.get("start_time")) or Fraction(0),
        size_bytes=_integer(head.get("size")),
        bitrate_bps=_integer(head.get("bit_rate")),
        video=_parse_video(pictures[0], keyframes) if pictures else None,
        audio=audio,
        subtitles=tuple(map(_parse_subtitles, _of_type(kept, "subtitle"))),
        chapters=_parse_chapters(document.get("chapters", ())),
        covers=tuple(stream["index"] for stream in kept if _is_cover(stream)),
        warnings=tuple(cautions),
    )


def _of_type(streams: Sequence[Document], kind: str) -> list[Document]:
    return [stream for stream in streams if stream.get("codec_type") == kind]


def _is_cover(stream: Document) -> bool:
    disposition = stream.get("disposition", {})
    return bool(disposition.get("attached_pic") or disposition.get("timed_thumbnails"))


def _refuse_encrypted(streams: Sequence[Document]) -> None:
    for stream in streams:
        kinds = {data.get("side_data_type") for data in stream.get("side_data_list", ())}
        if stream.get("codec_tag_string") in _ENCRYPTED_TAGS or "Encryption initialization data" in kinds:
            raise UnsupportedSource(Reason.ENCRYPTED, f"stream {stream.get('index')} is encrypted")


def _keep_tracks(streams: Sequence[Document], cautions: list[Caution]) -> list[Document]:
    """Leave out what has no codec, and what comes behind the first tracks.

    Raises:
        UnsupportedSource: nothing is left, though there was picture or sound.
    """
    media = [stream for stream in streams if stream.get("codec_type") in ("video", "audio", "subtitle")]
    known = [stream for stream in media if stream.get("codec_name", "unknown") not in ("unknown", "none")]
    if len(known) < len(media):
        cautions.append(Caution.UNKNOWN_TRACKS)
    seen = {stream["codec_type"] for stream in known}
    lost = {stream["codec_type"] for stream in media} - seen
    if "video" in lost or ("audio" in lost and "video" not in seen):
        raise UnsupportedSource(Reason.UNKNOWN_CODEC, "picture or sound are in a codec that FFmpeg does not know")
    if len(known) > MOST_TRACKS:
        cautions.append(Caution.TRACKS_LEFT_OUT)
    # The film itself comes first: it must not be what is left out.
    known.sort(key=lambda stream: (stream["codec_type"] != "video" or _is_cover(stream), stream["index"]))
    return sorted(known[:MOST_TRACKS], key=lambda stream: int(stream["index"]))


def _find_duration(head: Document, streams: Sequence[Document], cautions: list[Caution]) -> Fraction:
    container = _fraction(head.get("duration"))
    longest = max((length for stream in streams if (length := _stream_duration(stream))), default=None)
    duration = container or longest
    if container and longest and abs(container - longest) > _DURATION_SLACK_S:
        # The index counts what is there; the header repeats what someone wrote.
        cautions.append(Caution.LENGTHS_DIFFER)
        duration = longest
    if not duration or duration <= 0:
        raise UnsupportedSource(Reason.NO_DURATION, "neither the container nor a stream tells a length")
    if duration > LONGEST_S:
        raise UnsupportedSource(Reason.TOO_LONG, f"{float(duration) / 3600:.1f} hours, which is more than 24")
    return duration


def _stream_duration(stream: Document) -> Fraction | None:
    if length := _fraction(stream.get("duration")):
        return length
    # Matroska writes it as a clock time into a tag, with nine digits behind the point.
    clock = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", _tag(stream, "duration"))
    return None if clock is None else int(clock[1]) * 3600 + int(clock[2]) * 60 + Fraction(clock[3])


def _parse_video(stream: Document, keyframes: KeyFrames | None) -> VideoStream:
    width, height = _integer(stream.get("width")) or 0, _integer(stream.get("height")) or 0
    if not (width and height):
        raise UnsupportedSource(Reason.CONTRADICTORY, "the picture has no size")
    if max(width, height) > LARGEST_SIDE_PX or width * height > MOST_PIXELS:
        raise UnsupportedSource(Reason.TOO_LARGE, f"a picture of {width}x{height} pixels")
    rate, is_variable = _parse_rate(stream)
    pixel_format = str(stream.get("pix_fmt", ""))
    return VideoStream(
        index=stream["index"],
        codec=stream["codec_name"],
        profile=str(stream.get("profile", "")),
        level=_integer(stream.get("level")) or 0,
        width_px=width,
        height_px=height,
        sample_aspect=_parse_aspect(str(stream.get("sample_aspect_ratio", ""))),
        rotation_deg=_parse_rotation(stream),
        frame_rate=rate,
        is_variable_rate=is_variable,
        is_interlaced=stream.get("field_order", "progressive") not in ("progressive", "unknown"),
        pixel_format=pixel_format,
        bit_depth=_parse_depth(stream, pixel_format),
        hdr=_parse_hdr(stream),
        matrix=str(stream.get("color_space", "")),
        primaries=str(stream.get("color_primaries", "")),
        transfer=str(stream.get("color_transfer", "")),
        color_range=str(stream.get("color_range", "")),
        bitrate_bps=_parse_bitrate(stream),
        start_s=_fraction(stream.get("start_time")) or Fraction(0),
        key_frames=keyframes,
    )


def _parse_rate(stream: Document) -> tuple[Fraction, bool]:
    """Return the rate, and whether it is the average of a varying one."""
    exact, average = _ratio(stream.get("r_frame_rate")), _ratio(stream.get("avg_frame_rate"))
    if exact is None and average is None:
        raise UnsupportedSource(Reason.CONTRADICTORY, "the picture has no frame rate")
    exact, average = exact or average or Fraction(0), average or exact or Fraction(0)
    # Transport streams count fields where the picture is interlaced.
    if stream.get("field_order", "progressive") in ("tt", "bb", "tb", "bt") and exact == 2 * average:
        return average, False
    is_variable = abs(exact - average) > exact * _FRAME_RATE_SLACK or exact > _HIGHEST_RATE
    # A film of few frames averages badly in containers that round times to milliseconds.
    frames = _integer(stream.get("nb_frames"))
    if is_variable and frames == 1:
        return min(exact, Fraction(_HIGHEST_RATE)), False
    return (min(average, Fraction(_HIGHEST_RATE)), True) if is_variable else (_unround(exact), False)


def _unround(rate: Fraction) -> Fraction:
    meant = (*_BROADCAST_RATES, Fraction(round(rate)))
    return next((known for known in meant if abs(known - rate) <= known * _ROUNDED_BY), rate)


def _parse_aspect(text: str) -> Fraction:
    aspect = _ratio(text.replace(":", "/"))
    # 0:1 is unknown. Nobody films with pixels ten times as wide as high: such a header lies.
    return aspect if aspect and Fraction(1, 10) <= aspect <= 10 else Fraction(1)


def _parse_rotation(stream: Document) -> int:
    for entry in stream.get("side_data_list", ()):
        if _is_number(entry.get("rotation")):
            # ffprobe counts against the clock. A matrix that is no right angle is not turned.
            degrees = -round(float(entry["rotation"]))
            return degrees % 360 if degrees % 90 == 0 else 0
    return 0


def _parse_depth(stream: Document, pixel_format: str) -> int:
    if bits := _integer(stream.get("bits_per_raw_sample")):
        return bits
    packed = re.search(r"(?:p|gray|gbrp|gbrap|x2rgb|x2bgr|p0|p2|p4)(\d\d)(?:le|be)$", pixel_format)
    return int(packed[1]) if packed else 8


def _parse_hdr(stream: Document) -> Hdr:
    for entry in stream.get("side_data_list", ()):
        is_dolby = entry.get("side_data_type") == "DOVI configuration record"
        if is_dolby and entry.get("dv_bl_signal_compatibility_id") not in _DOLBY_WITH_BASE:
            return Hdr.DOLBY_VISION
    return _HDR_TRANSFERS.get(str(stream.get("color_transfer")), Hdr.SDR)


def _parse_audio(stream: Document) -> AudioStream:
    disposition = stream.get("disposition", {})
    rate, channels = _integer(stream.get("sample_rate")) or 0, _integer(stream.get("channels")) or 0
    if not (rate and channels):
        raise UnsupportedSource(Reason.CONTRADICTORY, f"sound track {stream['index']} has no rate or no channels")
    return AudioStream(
        index=stream["index"],
        codec=stream["codec_name"],
        profile=str(stream.get("profile", "")),
        channels=channels,
        layout=str(stream.get("channel_layout", "")),
        rate_hz=rate,
        language=parse_language(_tag(stream, "language")),
        title=_tag(stream, "title"),
        is_default=bool(disposition.get("default")),
        is_commentary=bool(disposition.get("comment")),
        describes_picture=bool(disposition.get("visual_impaired") or disposition.get("descriptions")),
        has_header=bool(_integer(stream.get("extradata_size"))),
        bitrate_bps=_parse_bitrate(stream),
        start_s=_fraction(stream.get("start_time")) or Fraction(0),
    )


def _parse_subtitles(stream: Document) -> SubtitleStream:
    disposition = stream.get("disposition", {})
    return SubtitleStream(
        index=stream["index"],
        codec=stream["codec_name"],
        is_text=stream["codec_name"] in _TEXT_CODECS,
        language=parse_language(_tag(stream, "language")),
        title=_tag(stream, "title"),
        is_default=bool(disposition.get("default")),
        is_forced=bool(disposition.get("forced")),
        is_for_deaf=bool(disposition.get("hearing_impaired") or disposition.get("captions")),
    )


def parse_language(tag: str) -> str:
    """Return the BCP 47 form of a container's language tag, "und" for none and for what is no language."""
    try:
        language = langcodes.standardize_tag(tag) if tag else "und"
    except LanguageTagError:
        return "und"
    # What is private use from its beginning names no language to anybody else.
    return language if langcodes.tag_is_valid(language) and not language.startswith("x-") else "und"


def _parse_chapters(entries: Sequence[Document]) -> tuple[Chapter, ...]:
    chapters = (
        Chapter(start_s=start, end_s=end, title=_tag(entry, "title"))
        for entry in entries[:MOST_CHAPTERS]
        if (start := _fraction(entry.get("start_time"))) is not None
        and (end := _fraction(entry.get("end_time"))) is not None
        and 0 <= start < end
    )
    ordered = sorted(chapters, key=lambda chapter: chapter.start_s)
    # Of two that begin together, players show the last one: so do we.
    return tuple(a for a, b in pairwise([*ordered, None]) if a and (b is None or b.start_s > a.start_s))


def _parse_bitrate(stream: Document) -> int | None:
    return _integer(stream.get("bit_rate")) or _integer(_tag(stream, "bps"))


def _tag(stream: Document, name: str) -> str:
    """Return a tag, whatever the case of its name and the language behind it, without control characters."""
    for key, value in stream.get("tags", {}).items():
        if key.lower() in (name, f"{name}-eng"):
            return "".join(letter for letter in str(value) if letter.isprintable()).strip()[:_LONGEST_TITLE]
    return ""


def _is_number(value: object) -> bool:
    return re.fullmatch(r"-?\d{1,18}(\.\d{1,12})?", str(value)) is not None


def _fraction(value: object) -> Fraction | None:
    return Fraction(str(value)) if _is_number(value) else None


def _integer(value: object) -> int | None:
    return int(Fraction(str(value))) if _is_number(value) else None


def _ratio(value: object) -> Fraction | None:
    """Read "25/1"; None for what is unknown or no ratio."""
    upper, _, lower = str(value).partition("/")
    if not (upper.isdecimal() and lower.isdecimal()) or not (int(upper) and int(lower)):
        return None
    return Fraction(int(upper), int(lower))
