"""Decides what is made of a source."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from streaming.media.ladder import Codec, Rendition, Rung, choose_ladder, output_rate
from streaming.media.package_plan import (
    MOST_POSTERS,
    VERSION,
    AudioTrack,
    KeyFrameRule,
    Note,
    NoteCode,
    PackagingPlan,
    Phase,
    PictureInput,
    Posters,
    Storyboard,
    TextTrack,
    VideoTrack,
)
from streaming.media.streams import (
    AudioStream,
    Hdr,
    ProbeResult,
    Reason,
    SubtitleStream,
    UnsupportedSource,
    VideoStream,
)

# Players keep a segment or two in memory; longer groups make every seek and switch wait.
_LONGEST_GROUP = 2
# A source far above its rung would make phones and slow lines wait for the rung that they take for theirs.
_MOST_OVER_RUNG = 3
_SHEET_COLUMNS, _SHEET_ROWS = 10, 10
_STORYBOARD_WIDTH_PX, _STORYBOARD_HEIGHT_PX = 240, 240
_MOST_STILLS, _SHORTEST_INTERVAL_S = 1000, 2
_SEEN_PER_POSTER = 6
# A poster is cut upright out of a frame: it is to be sharp on a page where it fills a telephone.
_POSTER_WIDTH_PX, _POSTER_HEIGHT_PX = 1920, 1920
_STEREO_BPS, _MONO_BPS, _SURROUND_BPS = 160_000, 96_000, 384_000
_HIGHEST_COPIED_AUDIO_BPS = 400_000
_COPIED_RATES_HZ = frozenset({44_100, 48_000})
_LATEST_COPIED_AUDIO_S = Fraction(1, 25)
_MOST_AUDIO_TRACKS, _MOST_TEXT_TRACKS = 12, 16
# Pixels that a core of an ordinary server decodes or encodes in a second, with some to spare: one was seen to manage
# 70 million. More is not worth the seconds of a try.
_PIXELS_PER_CORE = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanConf:
    """What operators set.

    Attributes:
        undecodable: codecs that the FFmpeg at hand names and cannot decode.
        copy_fault: what was wrong with a package of the source's own picture and sound, so that all of it is encoded
            this time; None where they were not tried yet.
        one_pass_cores: how many cores would make all rungs at once; `math.inf` has them so made, however long it takes.
            None: the lowest rung is made first, alone.
    """

    segment_s: Fraction = Fraction(4)
    undecodable: frozenset[str] = frozenset({"av1"})
    copy_fault: str | None = None
    one_pass_cores: float | None = None


def plan_vod(
    probe: ProbeResult, ladder: Sequence[Rung], *, conf: PlanConf, captions: Sequence[str] = ()
) -> PackagingPlan:
    """Return what to make of a source. `captions` are the languages for which the catalogue has its own.

    Raises:
        UnsupportedSource: nothing here can decode it.
    """
    notes = [Note(code=NoteCode.SOURCE_CAUTION, values=(caution.value,)) for caution in probe.warnings]
    video = _plan_video(probe.video, ladder, conf, notes) if probe.video else ()
    if not probe.video:
        notes.append(Note(code=NoteCode.NO_PICTURE))
    audio = _plan_audio(probe, conf, notes)
    texts = _plan_texts(probe.subtitles, captions, notes)
    is_copied = any(track.is_copy for track in video)
    return PackagingPlan(
        version=VERSION,
        duration_s=probe.duration_s,
        segment_s=conf.segment_s,
        key_frames=KeyFrameRule.SOURCE if is_copied else KeyFrameRule.COUNTED,
        picture=_plan_picture(probe.video, conf, keeps_times=is_copied) if probe.video else None,
        video=video,
        audio=audio,
        texts=texts,
        storyboard=_plan_storyboard(probe.video, probe.duration_s) if probe.video else None,
        posters=_plan_posters(probe.video, probe.duration_s) if probe.video else None,
        phases=_plan_phases(video, audio, texts, is_one_pass=not is_copied and _may_keep_up(probe.video, video, conf)),
        notes=tuple(notes),
    )


def _plan_video(
    video: VideoStream, ladder: Sequence[Rung], conf: PlanConf, notes: list[Note]
) -> tuple[VideoTrack, ...]:
    if video.codec in conf.undecodable:
        raise UnsupportedSource(Reason.UNKNOWN_CODEC, f"{video.codec} cannot be decoded here")
    if video.hdr is Hdr.DOLBY_VISION:
        raise UnsupportedSource(
            Reason.UNKNOWN_CODEC, "Dolby Vision without a base layer would come out purple and green"
        )
    made = choose_ladder(video, ladder)
    tracks = [_video_track(rendition, is_copy=False) for rendition in made]
    own = next((rendition for rendition in made if rendition.codec is Codec.H264), None)
    reasons = reasons_to_encode(video, own, conf) if own else []
    if own and not reasons:
        notes.append(Note(code=NoteCode.PASSED_THROUGH, values=(str(video.width_px), str(video.height_px))))
        tracks[made.index(own)] = _video_track(own, is_copy=True)
    notes += reasons
    return tuple(tracks)


def _video_track(rendition: Rendition, *, is_copy: bool) -> VideoTrack:
    name = f"v-{rendition.codec}-{rendition.width_px}x{rendition.height_px}"
    return VideoTrack(name=name, is_copy=is_copy, rendition=rendition)


def reasons_to_encode(video: VideoStream, best: Rendition, conf: PlanConf) -> list[Note]:
    """Return why the source's own picture cannot be the best rung; nothing where it can."""
    keys, rate = video.key_frames, output_rate(video)
    longest = keys.longest_gap_s if keys else None
    own_size = (video.width_px, video.height_px)
    highest_bps = best.bitrate_bps * _MOST_OVER_RUNG
    checks: tuple[tuple[bool, NoteCode, tuple[object, ...]], ...] = (
        (conf.copy_fault is not None, NoteCode.ENCODED_COPY_FAULT, (conf.copy_fault,)),
        (video.codec != "h264", NoteCode.ENCODED_CODEC, (video.codec,)),
        (video.pixel_format not in ("yuv420p", "yuvj420p"), NoteCode.ENCODED_DEPTH, (video.pixel_format,)),
        (video.hdr is not Hdr.SDR, NoteCode.ENCODED_HDR, (video.hdr,)),
        (video.is_interlaced, NoteCode.ENCODED_INTERLACED, ()),
        (video.rotation_deg != 0, NoteCode.ENCODED_ROTATED, (video.rotation_deg,)),
        (video.sample_aspect != 1, NoteCode.ENCODED_ANAMORPHIC, (video.sample_aspect,)),
        (video.is_variable_rate, NoteCode.ENCODED_VARIABLE_RATE, (rate,)),
        (not video.is_variable_rate and rate != video.frame_rate, NoteCode.ENCODED_RATE, (video.frame_rate, rate)),
        ((best.width_px, best.height_px) != own_size, NoteCode.ENCODED_SIZE, own_size),
        (keys is not None and not keys.are_closed, NoteCode.ENCODED_OPEN_GROUPS, ()),
        (
            longest is None or longest > conf.segment_s * _LONGEST_GROUP,
            NoteCode.ENCODED_KEY_FRAMES,
            ("unknown" if longest is None else f"{float(longest):.2f}",),
        ),
        (
            video.bitrate_bps is not None and video.bitrate_bps > highest_bps,
            NoteCode.ENCODED_BITRATE,
            (video.bitrate_bps, highest_bps),
        ),
    )
    return [Note(code=code, values=tuple(map(str, values))) for applies, code, values in checks if applies]


def _plan_picture(video: VideoStream, conf: PlanConf, *, keeps_times: bool) -> PictureInput:
    rate = output_rate(video)
    return PictureInput(
        index=video.index,
        frame_rate=rate,
        # Counted in frames and not in seconds: at 24000/1001 a second, multiples of four seconds fall between frames,
        # and groups would be 95 or 96 frames long.
        gop_frames=max(1, math.floor(rate * conf.segment_s + Fraction(1, 2))),
        is_interlaced=video.is_interlaced,
        hdr=video.hdr,
        keeps_times=keeps_times,
    )


def _plan_audio(probe: ProbeResult, conf: PlanConf, notes: list[Note]) -> tuple[AudioTrack, ...]:
    """Take one track of each language and purpose: the default one, or else that of the most channels."""
    streams = probe.audio
    if not streams:
        notes.append(Note(code=NoteCode.SILENT))
    chosen: list[AudioStream] = []
    for _, same in groupby(sorted(streams, key=_purpose), key=_purpose):
        best, *rest = sorted(same, key=lambda audio: (not audio.is_default, -audio.channels, audio.index))
        chosen.append(best)
        notes += [Note(code=NoteCode.AUDIO_LEFT_OUT, values=(audio.language, audio.title)) for audio in rest]
    chosen.sort(key=lambda audio: (not audio.is_default, audio.index))
    notes += [
        Note(code=NoteCode.AUDIO_LEFT_OUT, values=(audio.language, audio.title))
        for audio in chosen[_MOST_AUDIO_TRACKS:]
    ]
    tracks: list[AudioTrack] = []
    for number, audio in enumerate(chosen[:_MOST_AUDIO_TRACKS], start=1):
        # Players would begin where late sound does. Encoded, it begins with silence.
        may_copy = conf.copy_fault is None and audio.start_s - probe.start_s <= _LATEST_COPIED_AUDIO_S
        # 7.1 becomes 5.1: browsers play no more.
        for channels in (min(2, audio.channels), 6)[: 2 if audio.channels >= 6 else 1]:
            track = _audio_track(audio, number, channels=channels, is_default=number == 1)
            tracks.append(replace(track, is_copy=track.is_copy and may_copy))
    notes += map(_audio_note, tracks)
    return tuple(tracks)


def _purpose(audio: AudioStream) -> tuple[str, bool, bool]:
    return audio.language, audio.is_commentary, audio.describes_picture


def _audio_track(audio: AudioStream, number: int, *, channels: int, is_default: bool) -> AudioTrack:
    group = "surround" if channels > 2 else "stereo"
    is_copy = (
        audio.codec == "aac"
        and audio.profile == "LC"
        # A track's header is written before its first packet is seen.
        and audio.has_header
        and audio.channels == channels
        and audio.rate_hz in _COPIED_RATES_HZ
        and (audio.bitrate_bps or 0) <= _HIGHEST_COPIED_AUDIO_BPS
    )
    return AudioTrack(
        name=f"a{number}-{group}",
        group=group,
        index=audio.index,
        is_copy=is_copy,
        channels=channels,
        bitrate_bps={1: _MONO_BPS, 2: _STEREO_BPS}.get(channels, _SURROUND_BPS),
        language=audio.language,
        title=audio.title,
        is_default=is_default,
        is_commentary=audio.is_commentary,
        describes_picture=audio.describes_picture,
    )


def _audio_note(track: AudioTrack) -> Note:
    if track.is_copy:
        return Note(code=NoteCode.AUDIO_PASSED_THROUGH, values=(track.name,))
    return Note(code=NoteCode.AUDIO_ENCODED, values=(track.name, str(track.channels)))


def _plan_texts(streams: Sequence[SubtitleStream], captions: Sequence[str], notes: list[Note]) -> tuple[TextTrack, ...]:
    """Take embedded subtitles, but where the catalogue has its own for a language: an editor has read those."""
    tracks: list[TextTrack] = []
    for text in streams:
        if not text.is_text:
            notes.append(Note(code=NoteCode.SUBTITLES_ARE_PICTURES, values=(text.language,)))
        elif text.language in captions and not text.is_forced:
            notes.append(Note(code=NoteCode.SUBTITLES_FROM_CATALOGUE, values=(text.language,)))
        elif len(tracks) < _MOST_TEXT_TRACKS:
            notes.append(Note(code=NoteCode.SUBTITLES_KEPT, values=(text.language,)))
            tracks.append(
                TextTrack(
                    name=f"t{len(tracks) + 1}",
                    index=text.index,
                    language=text.language,
                    title=text.title,
                    is_forced=text.is_forced,
                    is_for_deaf=text.is_for_deaf,
                )
            )
    return tuple(tracks)


def _fit(video: VideoStream, width_px: int, height_px: int) -> tuple[int, int]:
    """Return the largest even size in a box that has the picture's shape and does not enlarge it."""
    width, height = video.display_size
    scale = min(Fraction(1), width_px / width, height_px / height)
    return max(2, 2 * round(width * scale / 2)), max(2, 2 * round(height * scale / 2))


def _plan_storyboard(video: VideoStream, duration_s: Fraction) -> Storyboard:
    width, height = _fit(video, _STORYBOARD_WIDTH_PX, _STORYBOARD_HEIGHT_PX)
    # Ten sheets at most, however long the film.
    interval = max(_SHORTEST_INTERVAL_S, math.ceil(duration_s / _MOST_STILLS))
    stills = math.ceil(duration_s / interval)
    rows = min(_SHEET_ROWS, math.ceil(stills / _SHEET_COLUMNS))
    return Storyboard(
        interval_s=Fraction(interval), width_px=width, height_px=height, columns=_SHEET_COLUMNS, rows=rows
    )


def _plan_posters(video: VideoStream, duration_s: Fraction) -> Posters:
    width, height = _fit(video, _POSTER_WIDTH_PX, _POSTER_HEIGHT_PX)
    return Posters(
        of_each=_SEEN_PER_POSTER,
        interval_s=duration_s / (MOST_POSTERS * _SEEN_PER_POSTER),
        width_px=width,
        height_px=height,
    )


def _may_keep_up(video: VideoStream | None, tracks: Sequence[VideoTrack], conf: PlanConf) -> bool:
    """Tell whether all rungs may come as fast as they are watched. How fast this machine is shows when it tries."""
    if video is None or conf.one_pass_cores is None:
        return False
    areas = [track.rendition.width_px * track.rendition.height_px for track in tracks]
    areas.append(video.width_px * video.height_px)
    return sum(areas) * output_rate(video) <= conf.one_pass_cores * _PIXELS_PER_CORE


def _plan_phases(
    video: Sequence[VideoTrack], audio: Sequence[AudioTrack], texts: Sequence[TextTrack], *, is_one_pass: bool
) -> tuple[Phase, ...]:
    """First what a player can start soonest, with all the sound; then the rest.

    In one pass the source is decoded once, which spares a tenth of the work, but nothing gets far ahead of who watches.
    """
    first = next((track for track in video if track.is_copy), None)
    if first is None and video:
        playable = [track for track in video if track.rendition.codec is Codec.H264] or video
        first = min(playable, key=lambda track: track.rendition.width_px * track.rendition.height_px)
    heads = [first.name] if first else []
    heads += [track.name for track in audio] + [track.name for track in texts]
    now = Phase(tracks=tuple(heads), makes_stills=False)
    if first is None:
        return (now,)
    later = tuple(track.name for track in video if track is not first)
    if is_one_pass:
        return (Phase(tracks=now.tracks + later, makes_stills=True),)
    return now, Phase(tracks=later, makes_stills=True)
