"""RTMPS: a certificate of our own signing, real sockets, and strangers who do not shake hands."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import uvloop

from streaming.rtmp.certificates import CertificateFiles
from streaming.rtmp.events import EndReason
from streaming.rtmp.server import RtmpServer
from tests.streaming.rtmp.publisher import AVC_HEADER, CLIENT_HANDSHAKE
from tests.streaming.rtmp.serving import (
    LIMITS,
    Owner,
    RawPublisher,
    make_certificate,
    publisher_to,
    serving,
    soon,
    trust,
    with_session,
)

STARTED = b"NetStream.Publish.Start"
SLOW = with_session(handshake_timeout_s=0.6)


@pytest.fixture
def files(tmp_path: Path) -> CertificateFiles:
    return make_certificate(tmp_path)


async def publish(publisher: RawPublisher) -> None:
    await publisher.send(publisher.opening(name="good-key"))
    await publisher.read_until(STARTED)


@asynccontextmanager
async def stranger_at(server: RtmpServer) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to the port of TLS without saying a word of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.tls_port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def until(server: RtmpServer, *, connections: int) -> None:
    async with asyncio.timeout(5):
        while server.counters.connections != connections:
            await asyncio.sleep(0.01)


async def read_to_end(reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(5):
        try:
            while await reader.read(4096):
                pass
        except ConnectionError:
            return


async def shown_certificate(server: RtmpServer) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", server.tls_port, ssl=context)
    shown: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.transport.abort()
    return shown


def certificate_in(files: CertificateFiles) -> bytes:
    return ssl.PEM_cert_to_DER_cert(files.certificate.read_text())


async def _serve_alike(files: CertificateFiles) -> None:
    owner = Owner()
    async with (
        serving(owner, files=files) as server,
        publisher_to(server, ssl_context=trust(files)) as publisher,
        publisher_to(server) as plain,
    ):
        await publish(publisher)
        await publisher.send(publisher.video(0, AVC_HEADER + bytes(100_000)))
        sink = await owner.first_sink()
        await soon(sink.arrived)
        assert sink.request.peer.startswith("127.0.0.1:")
        await publish(plain)
        assert (server.counters.connections, server.counters.publishers) == (2, 2)
        sink.request.stream.kick("Stopped by an editor.")
        assert (await publisher.read_to_end())[-1] == ("NetStream.Publish.Denied", "Stopped by an editor.")
        await soon(sink.is_over)
        await until(server, connections=1)
    assert len(sink.messages[0].payload) == len(AVC_HEADER) + 100_000


@pytest.mark.asyncio
async def test_publisher_over_tls_is_served_alike(files: CertificateFiles) -> None:
    await _serve_alike(files)


def test_the_loop_of_the_origin_serves_it_alike(files: CertificateFiles) -> None:
    uvloop.run(_serve_alike(files))


@pytest.mark.asyncio
async def test_plain_text_at_the_port_of_tls_is_cut_off_at_once(files: CertificateFiles) -> None:
    async with serving(Owner(), files=files) as server, stranger_at(server) as (reader, writer):
        writer.write(CLIENT_HANDSHAKE)
        await read_to_end(reader)
        await until(server, connections=0)
        async with publisher_to(server, ssl_context=trust(files)) as publisher:
            await publish(publisher)


async def _silent_is_cut_off(files: CertificateFiles) -> None:
    async with serving(Owner(), SLOW, files=files) as server, stranger_at(server) as (reader, _):
        began = time.monotonic()
        await until(server, connections=1)
        await read_to_end(reader)
        assert 0.4 < time.monotonic() - began < 3
        await until(server, connections=0)


@pytest.mark.asyncio
async def test_who_does_not_shake_hands_is_cut_off(files: CertificateFiles) -> None:
    await _silent_is_cut_off(files)


def test_who_does_not_shake_hands_is_cut_off_by_the_loop_of_the_origin(files: CertificateFiles) -> None:
    uvloop.run(_silent_is_cut_off(files))


@pytest.mark.asyncio
async def test_who_does_not_shake_hands_counts_and_both_ports_count_together(files: CertificateFiles) -> None:
    limits = replace(LIMITS, max_connections_per_address=2)
    async with (
        serving(Owner(), limits, files=files) as server,
        stranger_at(server),
        publisher_to(server) as plain,
    ):
        await until(server, connections=2)
        async with stranger_at(server) as (reader, _):
            await read_to_end(reader)
        async with publisher_to(server) as another:
            assert await another.read_to_end() == []
        assert server.counters.connections_turned_away == 2
        await publish(plain)


@pytest.mark.asyncio
async def test_old_tls_is_not_spoken(files: CertificateFiles) -> None:
    old = trust(files)
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    async with serving(Owner(), files=files) as server:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            async with publisher_to(server, ssl_context=old):
                pass
        await until(server, connections=0)


@pytest.mark.asyncio
async def test_renewed_certificate_is_shown_to_who_comes_next_and_disturbs_nobody(
    files: CertificateFiles, tmp_path: Path
) -> None:
    owner = Owner()
    async with serving(owner, files=files) as server, publisher_to(server, ssl_context=trust(files)) as publisher:
        await publish(publisher)
        first = certificate_in(files)
        assert await shown_certificate(server) == first
        make_certificate(tmp_path)
        assert await shown_certificate(server) == certificate_in(files) != first
        await publisher.send(publisher.video(0, AVC_HEADER))
        await soon((await owner.first_sink()).arrived)


@pytest.mark.asyncio
async def test_half_a_renewal_changes_nothing(
    files: CertificateFiles, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = certificate_in(files)
    (tmp_path / "next").mkdir()
    renewed = make_certificate(tmp_path / "next")
    async with serving(Owner(), files=files) as server:
        files.certificate.write_bytes(renewed.certificate.read_bytes())
        assert await shown_certificate(server) == first
        assert await shown_certificate(server) == first
        assert [record.message for record in caplog.records].count("rtmp.certificate_unusable") == 1
        files.certificate.unlink()
        assert await shown_certificate(server) == first
        files.certificate.write_bytes(renewed.certificate.read_bytes())
        files.key.write_bytes(renewed.key.read_bytes())
        assert await shown_certificate(server) == certificate_in(renewed)


@pytest.mark.asyncio
async def test_close_ends_its_streams_and_waits_for_no_stranger(files: CertificateFiles) -> None:
    owner = Owner()
    async with (
        serving(owner, files=files) as server,
        stranger_at(server),
        publisher_to(server, ssl_context=trust(files)) as publisher,
    ):
        await publish(publisher)
        sink = await owner.first_sink()
        await until(server, connections=2)
        port = server.tls_port
        async with asyncio.timeout(LIMITS.close_timeout_s):
            closing = asyncio.create_task(server.close())
            assert (await publisher.read_to_end())[-1][1] == "The server is shutting down."
            await closing
        assert sink.reasons == [EndReason.SERVER_SHUTDOWN]
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
