"""One attempt at a package: FFmpeg's phases, and what their pipes bring."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from catalog.codes import language_own_name
from catalog.models import Caption
from streaming.media import package_plan
from streaming.media.command import POSTERS, PROGRESS, STORYBOARD, Tools, build_command, pipe_names
from streaming.media.index_json import index_to_json
from streaming.media.package_index import AudioRole, PackageIndex, TextFile, TextKind, TextTrack
from streaming.media.package_parts import is_made, segment_starts
from streaming.media.package_plan import KeyFrameRule, PackagingPlan, Phase
from streaming.media.packager import AudioOutput, Packager, VideoOutput
from streaming.media.progress import (
    FailureCode,
    ProgressReader,
    count_broken_frames,
    explain_failure,
    parse_loudness,
    pause_before_growth,
    time_left,
)
from streaming.media.streams import Hdr
from streaming.media.texts import on_timeline
from streaming.models import PackagingJob
from streaming.runtime.executor import Finished, ProgramFailed, ProgramStopped, Sink, run
from streaming.runtime.limits import Limits
from streaming.runtime.package_writer import PackageWriter
from streaming.runtime.segment_store import Sender
from streaming.runtime.tone_table import tone_table
from streaming.services import packages
from streaming.services.caption_texts import caption_text, label_of
from streaming.services.packaging_attempt import Attempt
from streaming.services.packaging_lease import LeaseKeeper
from streaming.services.packaging_resume import Text
from streaming.services.packaging_stills import PosterSink, StoryboardSink
from streaming.services.packaging_texts import TextSink

Clock = Callable[[], datetime]
_MEMORY_BYTES = 8 * 1024**3
_SILENCE_S = 120
# A film may take this many times its own length, and never less than that.
_WALL_PER_S, _LEAST_WALL_S = 40, 600
# Sound, stills and the reading of the source; a picture that is copied takes so much more.
_LEAST_WEIGHT = 0.02
_COPY_WEIGHT = 0.03
_NICENESS = 10
# More threads than that make no encoder faster, and its pictures a little worse.
_MOST_CORES = 16
# All rungs at once come as fast as they are watched if the first segment is there in its own time and three quarters of
# it, for FFmpeg to begin and for encoders, which look ahead.
_FIRST_SEGMENT_WITHIN = Fraction(7, 4)
# What a film may be shorter than its header says: clocks of containers are coarse, and sound ends when it ends.
_MOST_MISSING_S, _MOST_MISSING = Fraction(2), Fraction(1, 20)


class FallsBehind(Exception):
    """All rungs at once would come slower than they are watched: nobody has been told of any yet."""


class PackagingRun:
    """Makes one package of one source, as its plan says."""

    def __init__(
        self,
        attempt: Attempt,
        *,
        source: Path,
        sender: Sender,
        lease: LeaseKeeper,
        clock: Clock,
    ) -> None:
        self._attempt, self._lease, self._clock = attempt, lease, clock
        self._plan, self._package = attempt.plan, attempt.package
        self._tools = Tools(
            ffmpeg=settings.NOVA_FFMPEG,
            source=str(source),
            cores=cores_of_a_job(),
            tone_table=_tone_table(attempt.plan),
        )
        self._writer = PackageWriter(
            _packager(attempt),
            sender,
            path=attempt.package.path,
            target_duration_s=_target_duration(attempt.plan),
            finished=attempt.finished,
        )
        self._began_at = clock()
        self._grown_at: datetime | None = None
        self._grown_s = 0.0
        self._made: list[str] = []
        self._done_weight = 0.0
        # What was noticed at the phases that are finished.
        self._warnings: list[Mapping[str, Any]] = list(attempt.job.warnings) if attempt.finished else []

    def carry_out(self) -> None:
        """Make every phase that is not finished and publish. Raises what went wrong, LeaseLost and CancelAsked too."""
        first, *others = self._plan.phases
        if self._attempt.finished is None:
            index = self._make_playable(first)
        else:
            # The attempt before may have ended when only some of the playlists were written.
            self._done_weight = _weight(self._plan, first)
            index = self._writer.write_whole(())
        self._tell_playable(index)
        for phase in others:
            if self._attempt.finished is None or not is_made(self._plan, phase, self._attempt.finished):
                self._begin(PackagingJob.Step.REST)
                self._make(phase)
            else:
                self._done_weight += _weight(self._plan, phase)
        self._begin(PackagingJob.Step.FINISHING)
        if others:
            index = self._writer.write_whole(self._made)
        self._lease.check()
        packages.publish_package(
            job=self._attempt.job,
            package=self._package,
            index=index,
            warnings=self._warnings,
            at=self._clock(),
        )

    def _begin(self, step: PackagingJob.Step) -> None:
        """Tell of the next step; how fast the one before it was says nothing of it."""
        self._lease.tell_now(step=step, speed=None, time_left_s=None)

    def _make_playable(self, phase: Phase) -> PackageIndex:
        for track, content in self._attempt.captions:
            self._writer.add_text(track, content)
        done = self._make(phase)
        index = self._writer.write_whole(self._made)
        self._hold_against_source(index, done)
        # Before players hear of it: an attempt that goes on from here has the warnings.
        self._lease.tell_now(warnings=self._warnings)
        return index

    def _make(self, phase: Phase) -> Finished:
        texts = {text.name: TextSink() for text in self._plan.texts if text.name in phase.tracks}
        sinks = {name: self._sink(name, phase, texts) for name in pipe_names(self._plan, phase)}
        try:
            done = run(
                partial(_argv, self._plan, phase, self._tools),
                sinks=sinks,
                limits=self._limits(),
                keep_running=self._may_go_on,
            )
        except ProgramStopped as stopped:
            self._lease.check()
            if self._falls_behind():
                raise FallsBehind from stopped
            raise
        self._add_texts(texts)
        self._made += [name for name in phase.tracks if name not in texts]
        self._done_weight += _weight(self._plan, phase)
        self._note(done.stderr_tail)
        return done

    def _may_go_on(self) -> bool:
        return self._lease.is_held() and not self._falls_behind()

    def _falls_behind(self) -> bool:
        is_tried = self._plan.is_one_pass and settings.NOVA_PACKAGING_PASSES == "auto"
        if self._grown_at is not None or not is_tried:
            return False
        took_s = (self._clock() - self._began_at).total_seconds()
        return took_s > self._plan.segment_s * _FIRST_SEGMENT_WITHIN

    def _hold_against_source(self, index: PackageIndex, done: Finished) -> None:
        """Refuse a film whose end is missing, which FFmpeg takes for an ordinary end; warn of other short ones."""
        missing_s = self._plan.duration_s - index.duration_s
        cause = explain_failure(done.exit_code, done.stderr_tail)
        # A disk that could not be read, or memory that it did not get, is to FFmpeg the end of the film as well.
        is_cut_off = cause.is_transient or cause.code is FailureCode.TRUNCATED
        if is_cut_off and missing_s > min(_MOST_MISSING_S, self._plan.duration_s * _MOST_MISSING):
            raise ProgramFailed(done)
        if missing_s > _MOST_MISSING_S:
            self._warnings.append({"code": "shorter-than-told"})

    def _sink(self, name: str, phase: Phase, texts: Mapping[str, TextSink]) -> Sink:
        match name:
            case _ if name == PROGRESS:
                reader = ProgressReader(frame_rate=self._plan.picture.frame_rate if self._plan.picture else None)
                return partial(self._take_progress, phase, reader)
            case _ if name == STORYBOARD:
                assert self._plan.storyboard is not None
                return StoryboardSink(self._plan.storyboard, self._writer).take
            case _ if name == POSTERS:
                assert self._plan.posters is not None
                return PosterSink(self._plan.posters, self._writer).take
            case _ if name in texts:
                return texts[name].take
        return partial(self._take_media, name, phase)

    def _take_media(self, name: str, phase: Phase, received: bytes) -> None:
        self._writer.feed(name, received)
        if phase is not self._plan.phases[0] or not received:
            return
        at = self._clock()
        pause_s = pause_before_growth(self._grown_s)
        # Not below zero: the clock was set back, and says nothing.
        if self._grown_at is not None and 0 <= (at - self._grown_at).total_seconds() < pause_s:
            return
        if all(self._writer.segments_of(track) for track in self._plan.early) and not self._falls_behind():
            if self._grown_at is None and self._plan.is_one_pass:
                self._lease.tell(step=PackagingJob.Step.REST)
            index = self._writer.write_growing(self._plan.early)
            self._grown_at, self._grown_s = at, float(index.duration_s)
            self._tell_playable(index)

    def _tell_playable(self, index: PackageIndex) -> None:
        self._lease.check()
        packages.tell_playable(
            job=self._attempt.job,
            package=self._package,
            index=index_to_json(index),
            duration_s=float(index.duration_s),
            at=self._clock(),
        )

    def _take_progress(self, phase: Phase, reader: ProgressReader, received: bytes) -> None:
        for progress in reader.feed(received):
            length_s = float(self._plan.duration_s)
            share = min(1.0, progress.position_s / length_s) if length_s else 0.0
            total = sum(_weight(self._plan, each) for each in self._plan.phases)
            weight = self._done_weight + share * _weight(self._plan, phase)
            more = self._more_after(phase, total)
            self._lease.tell(
                percent=round(min(99.0, 100 * weight / total), 1),
                speed=progress.speed,
                time_left_s=None if more is None else time_left(progress, duration_s=length_s, more=more),
            )

    def _more_after(self, phase: Phase, total: float) -> float | None:
        """Return how much work follows a phase, as a multiple of it; None if it copies, which says nothing of that."""
        own = _weight(self._plan, phase)
        rest = total - self._done_weight - own
        if rest < _LEAST_WEIGHT / 2:
            return 0.0
        copies = any(track.is_copy for track in self._plan.video if track.name in phase.tracks)
        return None if copies else rest / own

    def _limits(self) -> Limits:
        wall_s = max(_LEAST_WALL_S, float(self._plan.duration_s) * _WALL_PER_S)
        return Limits(wall_s=wall_s, silence_s=_SILENCE_S, memory_bytes=_MEMORY_BYTES, niceness=_NICENESS)

    def _add_texts(self, texts: Mapping[str, TextSink]) -> None:
        for planned in self._plan.texts:
            text = texts.get(planned.name)
            if text and text.is_too_long:
                self._warnings.append({"code": "subtitles-too-long", "language": planned.language})
            webvtt = text.webvtt() if text else None
            if webvtt is None:
                continue
            content = on_timeline(webvtt)
            track = TextTrack(
                name=planned.name,
                files=(TextFile(self._plan.duration_s, len(content)),),
                label=label_of(planned.title or _name_of(planned.language)),
                language=_tag_of(planned.language),
                kind=TextKind.CAPTIONS if planned.is_for_deaf else TextKind.SUBTITLES,
                is_forced=planned.is_forced,
            )
            self._writer.add_text(track, content)

    def _note(self, stderr_tail: Sequence[str]) -> None:
        if broken := count_broken_frames(stderr_tail):
            self._warnings.append({"code": "broken-frames", "count": broken})
        for name, loudness in parse_loudness(stderr_tail).items():
            self._warnings.append({"code": "loudness", "track": name, "lufs": loudness.integrated_lufs})


def caption_texts(plan: PackagingPlan, captions: Sequence[Caption]) -> tuple[Text, ...]:
    """Return the catalogue's captions of a film as texts of its package."""
    return tuple(
        caption_text(caption, name=f"c{number}", duration_s=plan.duration_s)
        for number, caption in enumerate(captions, start=1)
    )


def _packager(attempt: Attempt) -> Packager:
    """Return a packager for the tracks that are not finished."""
    plan, finished = attempt.plan, attempt.finished
    made = {track.name for track in finished.media()} if finished else set()
    outputs = tuple(output for output in _outputs(plan) if output.name not in made)
    return Packager(outputs, segment_s=plan.segment_s, starts=segment_starts(finished) if finished else ())


def _argv(plan: PackagingPlan, phase: Phase, tools: Tools, outputs: Mapping[str, int]) -> Sequence[str]:
    return build_command(plan, phase, tools=tools, outputs=outputs).argv


def cores_of_a_job() -> int:
    """Return how many cores one job may keep busy: all, as there is one job most of the time; two of them share."""
    return min(_MOST_CORES, os.cpu_count() or 1)


def _tone_table(plan: PackagingPlan) -> str:
    """Return the table for light that an ordinary screen cannot show; "" where there is none of it."""
    if plan.picture is None or plan.picture.hdr is Hdr.SDR:
        return ""
    return str(tone_table(plan.picture.hdr, folder=settings.NOVA_DATA_DIR / "tables"))


def _outputs(plan: PackagingPlan) -> tuple[VideoOutput | AudioOutput, ...]:
    """Return what the pipes will bring; the picture of the first phase leads."""
    video = sorted(plan.video, key=lambda track: track is not plan.leader)
    return (*(_video_output(plan, track) for track in video), *map(_audio_output, plan.audio))


def _video_output(plan: PackagingPlan, track: package_plan.VideoTrack) -> VideoOutput:
    assert plan.picture is not None
    ceiling = None if track.is_copy else track.rendition.bitrate_bps
    return VideoOutput(name=track.name, frame_rate=plan.picture.frame_rate, ceiling_bps=ceiling)


def _audio_output(track: package_plan.AudioTrack) -> AudioOutput:
    role = AudioRole.MAIN if track.is_default else AudioRole.ALTERNATE
    if track.is_commentary:
        role = AudioRole.COMMENTARY
    elif track.describes_picture:
        role = AudioRole.DESCRIPTION
    return AudioOutput(
        name=track.name,
        label=label_of(track.title or _name_of(track.language)),
        language=_tag_of(track.language),
        role=role,
        is_default=track.is_default,
        ceiling_bps=None if track.is_copy else track.bitrate_bps,
    )


def _tag_of(language: str) -> str | None:
    return None if language == "und" else language


def _name_of(language: str) -> str:
    name = "Original" if language == "und" else language_own_name(language)
    return name[:1].upper() + name[1:]


def _target_duration(plan: PackagingPlan) -> int:
    """Return how long a segment may get: where the source sets key frames, up to two lengths behind its mark."""
    longest = plan.segment_s * 3 if plan.key_frames is KeyFrameRule.SOURCE else plan.segment_s
    return math.ceil(longest)


def _weight(plan: PackagingPlan, phase: Phase) -> float:
    """Return how much work a phase is, as against the others: encoding a picture costs by its size."""
    rungs = [track for track in plan.video if track.name in phase.tracks]
    areas = (_COPY_WEIGHT if track.is_copy else _area(track) for track in rungs)
    return sum(areas, start=_LEAST_WEIGHT)


def _area(track: package_plan.VideoTrack) -> float:
    return float(Fraction(track.rendition.width_px * track.rendition.height_px, 1920 * 1080))
