"""Taking up a stream whose origin was killed: what is stored of it is read again, and new segments go on behind it."""

from dataclasses import dataclass

from streaming.media.boxes import children
from streaming.media.errors import BoxViolation
from streaming.media.fragments import Fragment, FragmentReader
from streaming.media.live.packager import Output
from streaming.media.package_index import PackageIndex, SegmentEntry
from streaming.media.packager import AudioOutput, VideoOutput
from streaming.media.tracks import Track


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSegment:
    """What a stored segment says of itself: when it begins, in its track's timescale, and its line in the index."""

    start: int
    entry: SegmentEntry


def outputs_of(index: PackageIndex) -> tuple[Output, ...]:
    """Return the outputs of the encoder that made a package, in their order."""
    video = [VideoOutput(name=one.name, frame_rate=one.frame_rate, ceiling_bps=one.ceiling_bps) for one in index.video]
    audio = [
        AudioOutput(
            name=one.name,
            label=one.label,
            language=one.language,
            role=one.role,
            is_default=one.is_default,
            ceiling_bps=one.ceiling_bps,
        )
        for one in index.audio
    ]
    return (*video, *audio)


def read_header(init: bytes) -> Track:
    """Read a stored header. Raises BoxViolation when it is none."""
    found = FragmentReader().feed(init)
    if len(found) != 1 or not isinstance(found[0], Track):
        raise BoxViolation("the init segment holds no track")
    return found[0]


def read_segment(init: bytes, content: bytes) -> StoredSegment:
    """Read a stored segment. Raises BoxViolation when it is damaged."""
    reader = FragmentReader()
    fragments = [item for item in reader.feed(init + content) if isinstance(item, Fragment)]
    reader.finish()
    if not fragments or not all(fragment.samples for fragment in fragments):
        raise BoxViolation("a segment holds no sample")
    first = fragments[0].samples[0]
    return StoredSegment(
        start=fragments[0].decode_time + first.composition_offset,
        entry=SegmentEntry(
            duration=sum(sample.duration for fragment in fragments for sample in fragment.samples),
            size=len(content),
            key_end=_data_start(content) + first.size if first.is_sync else 0,
        ),
    )


def _data_start(content: bytes) -> int:
    """Return where the bytes of the first sample begin."""
    return next(box.content for box in children(memoryview(content)) if box.kind == b"mdat")
