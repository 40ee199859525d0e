"""Plans carried out by the real FFmpeg, and what came out of its pipes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from streaming.media.command import POSTERS, PROGRESS, STORYBOARD, Tools, build_command, pipe_names
from streaming.media.fragments import Fragment, FragmentReader
from streaming.media.ladder import Codec, Rung
from streaming.media.package_plan import PackagingPlan, Phase
from streaming.media.plan import PlanConf, plan_vod
from streaming.media.samples import Sample
from streaming.media.streams import Hdr
from streaming.media.tracks import Track
from streaming.runtime.executor import run
from streaming.runtime.limits import Limits
from streaming.runtime.tone_table import tone_table
from tests.streaming.media.planning import make_rung
from tests.streaming.media.sources import FFMPEG, PATIENCE_S, make_film, probe_film

SMALL_LADDER = (make_rung("72p", 128, 72, 200_000), make_rung("36p", 64, 36, 100_000))
HEVC_LADDER = (*SMALL_LADDER, make_rung("72p HEVC", 128, 72, 150_000, Codec.HEVC))
SECOND = PlanConf(segment_s=Fraction(1))
LIMITS = Limits(wall_s=PATIENCE_S, silence_s=PATIENCE_S, memory_bytes=8 * 1024**3)
_JPEG = re.compile(rb"\xff\xd8\xff.*?\xff\xd9", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A track as it came out. `content` is what the pipe carried."""

    content: bytes
    track: Track
    samples: tuple[tuple[int, Sample], ...]

    def _seconds(self, at: int, sample: Sample) -> float:
        return float(self.track.seconds(at + self.track.shift + sample.composition_offset))

    def shown_at(self) -> list[float]:
        """Return when each frame is shown, in seconds of the film, in order."""
        return sorted(self._seconds(at, sample) for at, sample in self.samples)

    def keys_at(self) -> list[float]:
        return [self._seconds(at, sample) for at, sample in self.samples if sample.is_sync]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All phases of a plan."""

    plan: PackagingPlan
    pipes: dict[str, bytes]
    stderr: tuple[str, ...]

    def track(self, name: str) -> Made:
        reader, samples = FragmentReader(), []
        head, *fragments = reader.feed(self.pipes[name])
        reader.finish()
        assert isinstance(head, Track)
        for fragment in fragments:
            assert isinstance(fragment, Fragment)
            at = fragment.decode_time
            for sample in fragment.samples:
                samples.append((at, sample))
                at += sample.duration
        return Made(content=self.pipes[name], track=head, samples=tuple(samples))

    def stills(self, name: str) -> list[bytes]:
        """Return the JPEG files of a pipe: STORYBOARD or POSTERS."""
        assert name in (STORYBOARD, POSTERS)
        return _JPEG.findall(self.pipes[name])

    @property
    def progress(self) -> bytes:
        return self.pipes[PROGRESS]


def _argv(plan: PackagingPlan, phase: Phase, tools: Tools, outputs: Mapping[str, int]) -> Sequence[str]:
    return build_command(plan, phase, tools=tools, outputs=outputs).argv


def carry_out(film: Path, ladder: Sequence[Rung] = SMALL_LADDER, conf: PlanConf = SECOND) -> Run:
    """Probe a film, plan it, and run every phase to its end."""
    plan = plan_vod(probe_film(film), ladder, conf=conf)
    hdr = plan.picture.hdr if plan.picture else Hdr.SDR
    table = "" if hdr is Hdr.SDR else str(tone_table(hdr, folder=film.parent / "tables"))
    tools, stderr = Tools(ffmpeg=FFMPEG, source=str(film), cores=1, tone_table=table), list[str]()
    buffers: dict[str, bytearray] = {}
    for phase in plan.phases:
        own = {name: bytearray() for name in pipe_names(plan, phase)}
        done = run(
            partial(_argv, plan, phase, tools),
            sinks={name: buffer.extend for name, buffer in own.items()},
            limits=LIMITS,
        )
        buffers |= own
        stderr += done.stderr_tail
    return Run(plan=plan, pipes={name: bytes(buffer) for name, buffer in buffers.items()}, stderr=tuple(stderr))


def carry_out_film(folder: Path, command: str, *, name: str = "film.mkv") -> Run:
    return carry_out(make_film(folder, command, name=name))
