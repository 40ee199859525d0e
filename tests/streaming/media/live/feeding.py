"""Pipes of a live encoder out of nothing: one frame a fragment, as FFmpeg writes them with `frag_every_frame`."""

from collections.abc import Iterable
from fractions import Fraction
from functools import cache

from streaming.media.live.packager import LivePackager
from streaming.media.live.ready import PartReady, Ready, SegmentReady
from streaming.media.live.timing import LiveTiming
from streaming.media.packager import AudioOutput, VideoOutput
from streaming.media.samples import Sample, format_chunk
from streaming.media.tracks import Track, format_init
from tests.streaming.media.making import make_sound_track, make_track

RATE, SCALE, SOUND_SCALE, AAC_FRAME = 30, 15360, 48000, 1024
FRAME = SCALE // RATE
HIGH = VideoOutput(name="video-720", frame_rate=Fraction(RATE), ceiling_bps=5_000_000)
LOW = VideoOutput(name="video-480", frame_rate=Fraction(RATE), ceiling_bps=2_000_000)
SOUND = AudioOutput(name="audio-und", label="Sound", is_default=True, ceiling_bps=140_000)
CLOCK_S = 1_800_000_000


def video_header() -> Track:
    return make_track(timescale=SCALE)


def fragments(track: Track, times: Iterable[int], duration: int, *, key_every: int | None = 1, size: int = 10) -> bytes:
    """Return fragments of one sample each; none of them is a key frame where `key_every` is None."""
    return b"".join(
        format_chunk(
            sequence=number + 1,
            decode_time=time,
            samples=[Sample(duration, size, key_every is not None and number % key_every == 0, 0)],
            payload=[bytes(size)],
        )
        for number, time in enumerate(times)
    )


@cache
def picture(count: int, *, first: int = 0, key_every: int | None = 60) -> bytes:
    """Return frames from the one of that number on, which is a key frame if any is."""
    times = range(first * FRAME, (first + count) * FRAME, FRAME)
    return fragments(video_header(), times, FRAME, key_every=key_every)


@cache
def sound(count: int, *, first: int = 0, offset: int = 0) -> bytes:
    times = [(first + index) * AAC_FRAME + offset for index in range(count)]
    return fragments(make_sound_track(), times, AAC_FRAME)


def header(output: VideoOutput | AudioOutput) -> bytes:
    return format_init(video_header() if isinstance(output, VideoOutput) else make_sound_track())


def begun(*outputs: VideoOutput | AudioOutput, timing: LiveTiming | None = None) -> LivePackager:
    packager = LivePackager(outputs or (HIGH, LOW, SOUND), timing or LiveTiming())
    packager.begin_epoch(wall_clock_s=CLOCK_S)
    return packager


def run_of(packager: LivePackager, seconds: float, *, sound_s: float | None = None) -> list[Ready]:
    """Feed a whole run of high, low and sound, in slices of a tenth of a second."""
    found = [*packager.feed(HIGH.name, header(HIGH)), *packager.feed(LOW.name, header(LOW))]
    found += packager.feed(SOUND.name, header(SOUND))
    heard, sound_frames = 0, round((seconds if sound_s is None else sound_s) * SOUND_SCALE / AAC_FRAME)
    for first in range(0, round(seconds * RATE), 3):
        frames = picture(3, first=first, key_every=None if first % 60 else 99)
        found += packager.feed(HIGH.name, frames)
        found += packager.feed(LOW.name, frames)
        until = min(sound_frames, (first + 3) * SOUND_SCALE // RATE // AAC_FRAME + 1)
        found += packager.feed(SOUND.name, sound(max(0, until - heard), first=heard))
        heard = max(until, heard)
    return found


def parts_of(ready: Iterable[Ready], track: str) -> list[PartReady]:
    return [item for item in ready if isinstance(item, PartReady) and item.track == track]


def segments_of(ready: Iterable[Ready], track: str) -> list[SegmentReady]:
    return [item for item in ready if isinstance(item, SegmentReady) and item.track == track]
