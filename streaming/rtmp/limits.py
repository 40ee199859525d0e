"""Everything a stranger could exhaust, and how much of it there is."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class AmfLimits:
    """Bounds on one AMF0 payload.

    Attributes:
        max_depth: nested objects and arrays; encoders use 2.
        max_values: values in one payload, those behind references counted each time.
        max_properties: members of one object or array.
        max_string_bytes: one string or key; a 512-character JWT as a key fits easily.
    """

    max_depth: int = 16
    max_values: int = 4096
    max_properties: int = 1024
    max_string_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkLimits:
    """Bounds on the chunk stream.

    Attributes:
        min_chunk_bytes: smaller chunks only burn CPU; the specification asks for 128 (5.4.1).
        max_chunk_bytes: largest size that Set Chunk Size may announce.
        max_message_bytes: one message; a 4K key frame stays below 4 MiB.
        max_assembling_bytes: all unfinished messages of a connection together.
        max_chunk_streams: encoders use 3 to 6.
    """

    min_chunk_bytes: int = 128
    max_chunk_bytes: int = 1024 * 1024
    max_message_bytes: int = 8 * 1024 * 1024
    max_assembling_bytes: int = 16 * 1024 * 1024
    max_chunk_streams: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """Bounds on one connection. Times in seconds.

    Attributes:
        handshake_timeout_s: from the connection to the end of the handshake.
        publish_timeout_s: from the handshake (or the end of a publication) to `publish`.
        admission_timeout_s: how long the owner may take to admit a publisher.
        first_media_timeout_s: from admission to the first audio or video message.
        idle_timeout_s: between two audio or video messages.
        ping_interval_s: between two Ping Requests, which keep NAT entries alive.
        max_command_bytes: one message before admission, and any command after it.
        max_waiting_bytes: bytes kept unread while the owner decides.
        max_message_streams: `createStream` calls not yet undone by `deleteStream`.
    """

    amf: AmfLimits = field(default_factory=AmfLimits)
    chunks: ChunkLimits = field(default_factory=ChunkLimits)
    handshake_timeout_s: float = 10.0
    publish_timeout_s: float = 15.0
    admission_timeout_s: float = 10.0
    first_media_timeout_s: float = 20.0
    idle_timeout_s: float = 30.0
    ping_interval_s: float = 30.0
    max_command_bytes: int = 64 * 1024
    max_waiting_bytes: int = 512 * 1024
    max_message_streams: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits:
    """Bounds on the whole server. Times in seconds.

    Attributes:
        max_connections: all sockets, admitted or not.
        max_connections_per_address: sockets of one IPv4 address or one IPv6 /64.
        max_connects_per_address: new sockets of such an address in each `connect_window_s`; an encoder that is
            refused and tries again every second stays below it.
        max_write_buffer_bytes: unread answers; a peer that does not read is cut off.
        linger_s: how long a refused peer may take to read why before the socket is cut.
        close_timeout_s: how long `close()` waits for the owners of streams.
        sweep_interval_s: how often deadlines are looked at, hence their precision.
    """

    session: SessionLimits = field(default_factory=SessionLimits)
    max_connections: int = 512
    max_connections_per_address: int = 16
    max_connects_per_address: int = 30
    connect_window_s: float = 10.0
    max_write_buffer_bytes: int = 256 * 1024
    linger_s: float = 2.0
    close_timeout_s: float = 5.0
    sweep_interval_s: float = 0.25
