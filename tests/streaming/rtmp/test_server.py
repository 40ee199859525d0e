"""The asyncio shell, spoken to over real sockets by publishers made by hand."""

import asyncio
import logging
from dataclasses import replace

import pytest

from streaming.rtmp.events import EndReason, MediaMessage
from streaming.rtmp.publishing import PublishRequest
from streaming.rtmp.server import RtmpServer
from tests.streaming.rtmp.publisher import AVC_HEADER, CLIENT_HANDSHAKE
from tests.streaming.rtmp.serving import (
    LIMITS,
    Owner,
    RawPublisher,
    RecordingSink,
    publisher_to,
    serving,
    soon,
    with_session,
)

STARTED = b"NetStream.Publish.Start"


async def publish(publisher: RawPublisher, key: str = "good-key") -> None:
    await publisher.send(publisher.opening(name=key))
    await publisher.read_until(STARTED)


async def until(server: RtmpServer, *, connections: int) -> None:
    async with asyncio.timeout(5):
        while server.counters.connections != connections:
            await asyncio.sleep(0.01)


@pytest.mark.asyncio
async def test_admitted_publisher_reaches_its_sink() -> None:
    owner = Owner()
    async with serving(owner) as server, publisher_to(server) as publisher:
        await publish(publisher)
        await publisher.send(publisher.video(0, AVC_HEADER))
        sink = await owner.first_sink()
        await soon(sink.arrived)
        assert sink.messages[0].payload == AVC_HEADER
        assert (sink.request.app, sink.request.stream_key.reveal()) == ("live", "good-key")
        assert sink.request.peer.startswith("127.0.0.1:")
        assert (server.counters.connections, server.counters.publishers) == (1, 1)
        assert server.counters.bytes_in > 3000
        await publisher.send(publisher.command("FCUnpublish", 6.0, None, "good-key"))
        await soon(sink.is_over)
        assert server.counters.publishers == 0
    assert sink.reasons == [EndReason.UNPUBLISHED]


@pytest.mark.asyncio
async def test_refused_publisher_reads_why_even_if_it_had_sent_on() -> None:
    owner = Owner()
    owner.gate.clear()
    async with serving(owner) as server, publisher_to(server) as publisher:
        await publisher.send(publisher.opening(name="bad-key"))
        await soon(owner.asked)
        await publisher.send(publisher.video(0) * 20)
        owner.gate.set()
        assert ("NetStream.Publish.BadName", "The stream key is not known.") in await publisher.read_to_end()


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", [ValueError("boom"), TimeoutError(), OSError("no database")])
async def test_owner_that_fails_refuses_without_detail(fault: Exception, caplog: pytest.LogCaptureFixture) -> None:
    class FailingOwner(Owner):
        async def admit(self, request: PublishRequest) -> RecordingSink:
            raise fault

    async with serving(FailingOwner()) as server, publisher_to(server) as publisher:
        await publisher.send(publisher.opening(name="good-key"))
        answers = await publisher.read_to_end()
    assert answers[-1] == ("NetStream.Publish.BadName", "The server cannot take the stream now; try again.")
    assert "good-key" not in caplog.text


@pytest.mark.asyncio
async def test_owner_that_takes_too_long_refuses() -> None:
    owner = Owner()
    owner.gate.clear()
    async with serving(owner, with_session(admission_timeout_s=0.1)) as server, publisher_to(server) as publisher:
        await publisher.send(publisher.opening(name="good-key"))
        code, description = (await publisher.read_to_end())[-1]
    assert code in ("NetStream.Publish.BadName", "NetStream.Publish.Denied")
    assert description in ("The server cannot take the stream now; try again.", "the admission took too long")


@pytest.mark.asyncio
async def test_kicked_publisher_reads_why() -> None:
    owner = Owner()
    async with serving(owner) as server, publisher_to(server) as publisher:
        await publish(publisher)
        sink = await owner.first_sink()
        sink.request.stream.kick("Stopped by an editor.")
        sink.request.stream.kick("again")
        assert (await publisher.read_to_end())[-1] == ("NetStream.Publish.Denied", "Stopped by an editor.")
        await soon(sink.is_over)
    assert sink.reasons == [EndReason.KICKED]


@pytest.mark.asyncio
async def test_publisher_kicked_during_its_admission_is_counted_out_again() -> None:
    owner = Owner()
    requests: list[PublishRequest] = []
    admit = owner.admit

    async def remember(request: PublishRequest) -> RecordingSink:
        requests.append(request)
        return await admit(request)

    owner.gate.clear()
    owner.admit = remember  # type: ignore[method-assign]  # the owner is the test's own
    async with serving(owner) as server, publisher_to(server) as publisher:
        await publisher.send(publisher.opening(name="good-key"))
        await soon(owner.asked)
        requests[0].stream.kick("Not today.")
        assert (await publisher.read_to_end())[-1] == ("NetStream.Publish.Denied", "Not today.")
        owner.gate.set()
        sink = await owner.first_sink()
        await soon(sink.is_over)
    assert sink.reasons == [EndReason.KICKED]
    assert sink.messages == []


@pytest.mark.asyncio
async def test_half_open_publisher_is_ended_as_disconnected() -> None:
    owner = Owner()
    async with serving(owner) as server, publisher_to(server) as publisher:
        await publish(publisher)
        publisher.reset()
        sink = await owner.first_sink()
        await soon(sink.is_over)
        await until(server, connections=0)
    assert sink.reasons == [EndReason.DISCONNECTED]


@pytest.mark.asyncio
async def test_publisher_gone_during_its_admission_is_counted_out_again() -> None:
    owner = Owner()
    owner.gate.clear()
    async with serving(owner) as server, publisher_to(server) as publisher:
        await publisher.send(publisher.opening(name="good-key"))
        await soon(owner.asked)
        publisher.reset()
        owner.gate.set()
        sink = await owner.first_sink()
        await soon(sink.is_over)
    assert sink.reasons == [EndReason.DISCONNECTED]


@pytest.mark.asyncio
async def test_silent_publisher_is_ended_as_idle() -> None:
    owner = Owner()
    async with serving(owner, with_session(idle_timeout_s=0.2)) as server, publisher_to(server) as publisher:
        await publish(publisher)
        await publisher.send(publisher.video(0))
        assert (await publisher.read_to_end())[-1][1] == "no audio or video came in time"
        sink = await owner.first_sink()
        await soon(sink.is_over)
    assert sink.reasons == [EndReason.IDLE_TIMEOUT]


@pytest.mark.asyncio
async def test_slow_handshake_is_cut_off() -> None:
    async with serving(Owner(), with_session(handshake_timeout_s=0.2)) as server, publisher_to(server) as publisher:
        for byte in CLIENT_HANDSHAKE[:3]:
            await publisher.send(bytes([byte]))
        assert await publisher.read_to_end() == []
        await until(server, connections=0)


@pytest.mark.asyncio
async def test_refused_peer_that_does_not_close_is_cut_off() -> None:
    async with serving(Owner()) as server, publisher_to(server) as publisher:
        await publisher.send(publisher.opening(name="bad-key"))
        await publisher.read_until(b"BadName")
        await until(server, connections=0)


@pytest.mark.asyncio
async def test_peer_that_never_reads_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    limits = replace(LIMITS, max_write_buffer_bytes=10_000)
    async with serving(Owner(), limits) as server, publisher_to(server, receive_bytes=4096) as publisher:
        await publisher.send(CLIENT_HANDSHAKE + publisher.connect())
        await publisher.send_until_cut_off(publisher.command("x", 1.0) * 100)
        await until(server, connections=0)
    assert "rtmp.peer_does_not_read" in caplog.messages


@pytest.mark.asyncio
async def test_garbage_on_one_connection_does_not_disturb_another() -> None:
    owner = Owner()
    async with serving(owner) as server, publisher_to(server) as publisher:
        await publish(publisher)
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", CLIENT_HANDSHAKE + b"\xff" * 500, b"\x16\x03\x01"):
            async with publisher_to(server) as stranger:
                await stranger.send(garbage)
                await stranger.read_to_end()
        await publisher.send(publisher.video(40))
        sink = await owner.first_sink()
        await soon(sink.arrived)
    assert [message.timestamp_ms for message in sink.messages] == [40]


@pytest.mark.asyncio
async def test_sink_that_fails_ends_only_its_own_stream(caplog: pytest.LogCaptureFixture) -> None:
    class FailingSink(RecordingSink):
        def media(self, message: MediaMessage) -> None:
            raise ValueError("boom")

    class MixedOwner(Owner):
        def make_sink(self, request: PublishRequest) -> RecordingSink:
            is_first = not self.sinks
            return FailingSink(request=request) if is_first else RecordingSink(request=request)

    owner = MixedOwner()
    async with serving(owner) as server, publisher_to(server) as first, publisher_to(server) as second:
        await publish(first)
        await publish(second)
        await first.send(first.video(0))
        assert (await first.read_to_end())[-1] == ("NetStream.Publish.Denied", "The server failed; try again.")
        await second.send(second.video(0))
        await soon(owner.sinks[1].arrived)
        await soon(owner.sinks[0].is_over)
        assert owner.sinks[0].reasons == [EndReason.INTERNAL_ERROR]
        assert owner.sinks[1].reasons == []
    assert "rtmp.session_failed" in caplog.messages


@pytest.mark.asyncio
async def test_sink_that_fails_at_the_end_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    class FailingSink(RecordingSink):
        async def ended(self, reason: EndReason) -> None:
            raise ValueError("boom")

    owner = Owner()
    owner.make_sink = lambda request: FailingSink(request=request)  # type: ignore[method-assign]  # the test's own
    async with serving(owner) as server, publisher_to(server) as publisher:
        await publish(publisher)
    assert "rtmp.sink_failed" in caplog.messages


@pytest.mark.asyncio
async def test_connections_of_one_address_are_counted() -> None:
    limits = replace(LIMITS, max_connections_per_address=1)
    async with serving(Owner(), limits) as server, publisher_to(server) as first:
        await publish(first)
        async with publisher_to(server) as second:
            assert await second.read_to_end() == []
        assert (server.counters.connections, server.counters.connections_turned_away) == (1, 1)
        first.reset()
        await until(server, connections=0)
        async with publisher_to(server) as third:
            await publish(third)


@pytest.mark.asyncio
async def test_connections_in_total_are_counted() -> None:
    async with (
        serving(Owner(), replace(LIMITS, max_connections=2)) as server,
        publisher_to(server) as first,
        publisher_to(server) as second,
        publisher_to(server) as third,
    ):
        await publish(first)
        await publish(second)
        assert await third.read_to_end() == []


@pytest.mark.asyncio
async def test_address_that_connects_too_often_has_to_wait() -> None:
    limits = replace(LIMITS, max_connects_per_address=3, connect_window_s=0.3)
    async with serving(Owner(), limits) as server:
        for _ in range(3):
            async with publisher_to(server) as publisher:
                await publish(publisher)
            await until(server, connections=0)
        async with publisher_to(server) as publisher:
            assert await publisher.read_to_end() == []
        await asyncio.sleep(0.3)
        async with publisher_to(server) as publisher:
            await publish(publisher)


@pytest.mark.asyncio
async def test_close_ends_every_stream_and_tells_its_publisher() -> None:
    owner = Owner()
    async with serving(owner) as server, publisher_to(server) as publisher:
        await publish(publisher)
        sink = await owner.first_sink()
        closing = asyncio.create_task(server.close())
        assert (await publisher.read_to_end())[-1][1] == "The server is shutting down."
        await closing
        assert sink.reasons == [EndReason.SERVER_SHUTDOWN]
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", server.port)


@pytest.mark.asyncio
async def test_close_does_not_wait_for_ever_for_an_owner() -> None:
    class StuckSink(RecordingSink):
        async def ended(self, reason: EndReason) -> None:
            await asyncio.Event().wait()

    owner = Owner()
    owner.make_sink = lambda request: StuckSink(request=request)  # type: ignore[method-assign]  # the test's own
    async with serving(owner, replace(LIMITS, close_timeout_s=0.2)) as server, publisher_to(server) as publisher:
        await publish(publisher)
        async with asyncio.timeout(3):
            await server.close()
    assert server.counters.connections == 0


@pytest.mark.asyncio
async def test_close_twice_or_before_start_does_nothing() -> None:
    owner = Owner()
    server = RtmpServer(host="127.0.0.1", port=0, admit=owner.admit, limits=LIMITS)
    await server.close()
    await server.start()
    await server.close()
    await server.close()


@pytest.mark.asyncio
async def test_second_publication_of_a_connection_waits_for_the_end_of_the_first() -> None:
    order: list[str] = []

    class SlowSink(RecordingSink):
        async def ended(self, reason: EndReason) -> None:
            await asyncio.sleep(0.05)
            order.append("ended")

    class OrderingOwner(Owner):
        def make_sink(self, request: PublishRequest) -> RecordingSink:
            order.append("admitted")
            return SlowSink(request=request)

    async with serving(OrderingOwner()) as server, publisher_to(server) as publisher:
        await publish(publisher)
        publisher.received = b""
        await publisher.send(publisher.command("closeStream", 0.0, None, stream_id=1) + publisher.publish("good-2"))
        await publisher.read_until(STARTED)
        assert order == ["admitted", "ended", "admitted"]


@pytest.mark.asyncio
async def test_stream_keys_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    owner = Owner()
    async with serving(owner) as server:
        for key in ("good-s3cret", "bad-s3cret"):
            async with publisher_to(server) as publisher:
                await publisher.send(publisher.opening(app=f"live/{key}", name=""))
                await publisher.read_until(STARTED if key.startswith("good") else b"BadName")
                if owner.sinks:
                    owner.sinks[0].request.stream.kick("Enough.")
    assert "rtmp.publish_accepted" in caplog.messages
    assert "rtmp.publish_refused" in caplog.messages
    assert "s3cret" not in "".join(str(record.__dict__) for record in caplog.records)
