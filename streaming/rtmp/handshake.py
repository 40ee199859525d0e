"""The simple handshake (RTMP 1.0 section 5.2), seen from the server.

Clients that offer the undocumented digest ("complex") handshake are answered in the same way:
FFmpeg, librtmp and GStreamer all go on when the server merely echoes.
"""

from streaming.rtmp.errors import HandshakeViolation

RTMP_VERSION = 3
"""Version in C0 and S0 (5.2.2). 6 and above are encrypted variants, 32 and above plain text."""
HANDSHAKE_BYTES = 1536
"""Length of C1, C2, S1 and S2 (5.2.3)."""
NONCE_BYTES = 1528
"""Random bytes in S1: what follows its two four-byte fields (5.2.3)."""

_HELLO_BYTES = 1 + HANDSHAKE_BYTES
_WHOLE_BYTES = _HELLO_BYTES + HANDSHAKE_BYTES


class ServerHandshake:
    """Answer C0, C1 and C2 from bytes that arrive in any slices.

    C2 should echo S1, but is not compared: several encoders send something else in good faith.
    """

    def __init__(self, *, nonce: bytes) -> None:
        if len(nonce) != NONCE_BYTES:
            raise ValueError(f"the nonce must have {NONCE_BYTES} bytes, not {len(nonce)}")
        self._nonce = nonce
        self._received = bytearray()
        self._answered = False

    @property
    def is_done(self) -> bool:
        """Tell whether C0, C1 and C2 have arrived."""
        return len(self._received) >= _WHOLE_BYTES

    def receive(self, received: bytes | bytearray | memoryview) -> bytes:
        """Take bytes and return those to send.

        Raises:
            HandshakeViolation: the peer speaks another protocol or version.
        """
        self._received += received
        if self._received and self._received[0] != RTMP_VERSION:
            raise HandshakeViolation(
                f"the handshake asks for version {self._received[0]}; only {RTMP_VERSION} is spoken"
            )
        if self._answered or len(self._received) < _HELLO_BYTES:
            return b""
        self._answered = True
        return self._answer()

    def remainder(self) -> bytes:
        """Return what followed C2: the beginning of the chunk stream."""
        return bytes(self._received[_WHOLE_BYTES:])

    def _answer(self) -> bytes:
        client_hello = bytes(self._received[1:_HELLO_BYTES])
        server_hello = bytes(8) + self._nonce
        return bytes([RTMP_VERSION]) + server_hello + client_hello
