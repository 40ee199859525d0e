"""What can be wrong with media and with what is written about it. The tree:

MediaFault
├── BoxViolation       bytes are no ISO base media file, or contradict themselves, or exceed a limit
│   └── CodecUnknown   a track holds what no codec string can be told for
├── TimelineViolation  the samples of a track overlap, or leave a hole that no player passes
│   ├── RungMisaligned two rungs of a ladder were cut at different times
│   └── KeyFrameMissing nothing came in time that a segment could begin with
├── PlaylistViolation  a playlist is not one, or would break a rule of RFC 8216
└── IndexViolation     a package's index is damaged, of another version, or contradicts itself
"""


class MediaFault(Exception):
    """Say in one sentence what is wrong, and where."""


class BoxViolation(MediaFault):
    """Bytes are no ISO base media file, or contradict themselves, or exceed a limit."""


class CodecUnknown(BoxViolation):
    """A track holds what no codec string can be told for."""


class TimelineViolation(MediaFault):
    """The samples of a track overlap, or leave a hole that no player passes."""


class RungMisaligned(TimelineViolation):
    """Two rungs of a ladder were cut at different times."""


class KeyFrameMissing(TimelineViolation):
    """Nothing came in time that a segment could begin with."""


class PlaylistViolation(MediaFault):
    """A playlist is not one, or would break a rule of RFC 8216."""


class IndexViolation(MediaFault):
    """A package's index is damaged, of another version, or contradicts itself."""
