"""What a peer can do wrong. The tree:

RtmpViolation
├── HandshakeViolation   the first 3073 bytes are not an RTMP handshake
├── ChunkViolation       the chunk stream contradicts itself or exceeds a limit
├── AmfViolation         an AMF0 value is cut short, unknown or exceeds a limit
├── CommandViolation     a command comes out of order or lacks an argument
├── MediaViolation       a media header is cut short or contradicts itself
│   └── MediaUnsupported a media header is well formed and asks for what this server does not take
└── DeadlineMissed       the peer was too slow
"""


class RtmpViolation(Exception):
    """Say in one sentence what the peer sent that cannot be accepted; never holds a stream key."""


class HandshakeViolation(RtmpViolation):
    """The peer does not speak the RTMP handshake."""


class ChunkViolation(RtmpViolation):
    """The chunk stream contradicts itself or exceeds a limit."""


class AmfViolation(RtmpViolation):
    """An AMF value is cut short, unknown or exceeds a limit."""


class CommandViolation(RtmpViolation):
    """A command comes out of order or lacks an argument."""


class MediaViolation(RtmpViolation):
    """A media header is cut short or contradicts itself."""


class MediaUnsupported(MediaViolation):
    """A media header is well formed and asks for what this server does not take."""


class DeadlineMissed(RtmpViolation):
    """The peer did not do what it had to do in time."""
