"""A server on a free port, an owner who writes everything down, and a raw publisher."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from streaming.rtmp.certificates import Certificate, CertificateFiles
from streaming.rtmp.events import EndReason, MediaMessage
from streaming.rtmp.limits import ServerLimits, SessionLimits
from streaming.rtmp.publishing import PublishRefused, PublishRequest
from streaming.rtmp.server import RtmpServer
from streaming.rtmp.tls_door import Tls
from tests.streaming.rtmp.publisher import Publisher

LIMITS = ServerLimits(sweep_interval_s=0.02, linger_s=0.5, close_timeout_s=2.0)
PATIENCE_S = 10.0


@dataclass(kw_only=True)
class RecordingSink:
    """Keep what arrives. `arrived` is set at each message, `is_over` at the end."""

    request: PublishRequest
    messages: list[MediaMessage] = field(default_factory=list)
    reasons: list[EndReason] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: asyncio.Event = field(default_factory=asyncio.Event)

    def media(self, message: MediaMessage) -> None:
        self.messages.append(message)
        self.arrived.set()

    async def ended(self, reason: EndReason) -> None:
        self.reasons.append(reason)
        self.is_over.set()


class Owner:
    """Admit keys that begin with "good", refuse all others; `gate` holds the answer back."""

    def __init__(self) -> None:
        self.sinks: list[RecordingSink] = []
        self.asked = asyncio.Event()
        self.admitted = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def admit(self, request: PublishRequest) -> RecordingSink:
        self.asked.set()
        await self.gate.wait()
        if not request.stream_key.reveal().startswith("good"):
            raise PublishRefused("The stream key is not known.")
        sink = self.make_sink(request)
        self.sinks.append(sink)
        self.admitted.set()
        return sink

    def make_sink(self, request: PublishRequest) -> RecordingSink:
        return RecordingSink(request=request)

    async def first_sink(self) -> RecordingSink:
        await soon(self.admitted)
        return self.sinks[0]


async def soon(event: asyncio.Event) -> None:
    """Wait for what must happen without delay."""
    async with asyncio.timeout(PATIENCE_S):
        await event.wait()


@asynccontextmanager
async def serving(
    owner: Owner, limits: ServerLimits = LIMITS, *, files: CertificateFiles | None = None
) -> AsyncIterator[RtmpServer]:
    """Run a server for the length of a `with` block; with the files of a certificate it takes RTMPS too."""
    tls = Tls(port=0, certificate=Certificate(files)) if files else None
    server = RtmpServer(host="127.0.0.1", port=0, admit=owner.admit, limits=limits, tls=tls)
    await server.start()
    try:
        yield server
    finally:
        await server.close()


def url_of(server: RtmpServer, key: str) -> str:
    return f"rtmp://127.0.0.1:{server.port}/live/{key}"


def with_session(**limits: float) -> ServerLimits:
    """Return the limits of the tests with some of the session's changed."""
    return ServerLimits(
        session=SessionLimits(**limits),  # type: ignore[arg-type]  # only limits in seconds are changed here
        sweep_interval_s=LIMITS.sweep_interval_s,
        linger_s=LIMITS.linger_s,
        close_timeout_s=LIMITS.close_timeout_s,
    )


class RawPublisher(Publisher):
    """A publisher with a socket, which sends what the test tells it to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__()
        self._stream_reader = reader
        self._stream_writer = writer
        self.received = b""

    async def send(self, sent: bytes) -> None:
        self._stream_writer.write(sent)
        await self._stream_writer.drain()

    async def send_until_cut_off(self, sent: bytes) -> None:
        """Send again and again without reading, until the server resets the connection."""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    await self.send(sent)

    async def read_to_end(self) -> list[tuple[object, object]]:
        """Read until the server closes; return the statuses in all that was received."""
        async with asyncio.timeout(PATIENCE_S):
            while piece := await self._read():
                self.received += piece
        return [*self.statuses(self.received)]

    async def read_until(self, code: bytes) -> None:
        """Read until the server has sent a code."""
        async with asyncio.timeout(PATIENCE_S):
            while code not in self.received:
                piece = await self._read()
                assert piece, f"the server closed before it sent {code!r}"
                self.received += piece

    async def _read(self) -> bytes:
        try:
            return await self._stream_reader.read(65536)
        except ConnectionError:
            return b""

    def reset(self) -> None:
        self._stream_writer.transport.abort()


@asynccontextmanager
async def publisher_to(
    server: RtmpServer, *, ssl_context: ssl.SSLContext | None = None, receive_bytes: int | None = None
) -> AsyncIterator[RawPublisher]:
    """Open a connection for the length of a `with` block; `receive_bytes` shrinks the kernel's buffer.

    With a context it is one over TLS.
    """
    connection = socket.socket()
    if receive_bytes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.setblocking(False)
    port = server.tls_port if ssl_context else server.port
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    name = "localhost" if ssl_context else None
    reader, writer = await asyncio.open_connection(sock=connection, ssl=ssl_context, server_hostname=name)
    try:
        yield RawPublisher(reader, writer)
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)


def make_certificate(folder: Path, *, name: str = "localhost") -> CertificateFiles:
    """Write a certificate of our own signing and its key, over those that are there."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = CertificateFiles(certificate=folder / "fullchain.pem", key=folder / "privkey.pem")
    files.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def trust(files: CertificateFiles) -> ssl.SSLContext:
    """Return the context of a publisher that trusts a certificate."""
    return ssl.create_default_context(cafile=str(files.certificate))
