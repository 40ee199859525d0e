import tracemalloc
from collections.abc import Iterable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtmp.chunks import ChunkReader, ChunkWriter
from streaming.rtmp.errors import ChunkViolation
from streaming.rtmp.limits import ChunkLimits
from streaming.rtmp.messages import Message, MessageType
from tests.streaming.rtmp.publisher import cut

SMALL = ChunkLimits(max_message_bytes=2000, max_assembling_bytes=3000, max_chunk_streams=3, max_chunk_bytes=4096)
VIDEO = MessageType.VIDEO

messages = st.builds(
    Message,
    type_id=st.sampled_from([3, 8, 9, 18, 20, 22, 99]),
    stream_id=st.sampled_from([0, 1, 2**32 - 1]),
    timestamp_ms=st.integers(0, 2**32 - 1) | st.sampled_from([0, 16777214, 16777215, 16777216, 2**32 - 1]),
    payload=st.integers(0, 700).map(lambda size: bytes(index % 256 for index in range(size))),
)
csids = st.sampled_from([2, 3, 63, 64, 319, 320, 65599])


def read_all(pieces: Iterable[bytes], reader: ChunkReader | None = None) -> list[Message]:
    reader = reader or ChunkReader()
    found = []
    for piece in pieces:
        reader.feed(piece)
        while (message := reader.next_message()) is not None:
            found.append(message)
    return found


def header(fmt: int, csid: int, rest: str = "") -> bytes:
    return bytes([fmt << 6 | csid]) + bytes.fromhex(rest)


@given(
    st.lists(st.tuples(messages, csids), max_size=12),
    st.sampled_from([128, 129, 500, 65536]),
    st.integers(1, 400),
)
def test_what_is_written_is_read_again_in_any_slices(
    written: list[tuple[Message, int]], chunk_bytes: int, slice_bytes: int
) -> None:
    writer, reader = ChunkWriter(chunk_bytes=chunk_bytes), ChunkReader()
    reader.chunk_bytes = chunk_bytes
    sent = b"".join(writer.write(message, csid=csid) for message, csid in written)
    assert read_all(cut(sent, slice_bytes), reader) == [message for message, _ in written]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(
            header(0, 4, "000064 000001 08 01000000 61") + header(1, 4, "00000a 000002 08 6262"),
            [(100, 1, b"a"), (110, 1, b"bb")],
            id="type 1 adds a delta and keeps the message stream",
        ),
        pytest.param(
            header(0, 4, "000064 000001 08 01000000 61") + header(2, 4, "00000a 62") + header(3, 4, "63"),
            [(100, 1, b"a"), (110, 1, b"b"), (120, 1, b"c")],
            id="type 3 repeats the delta for a new message",
        ),
        pytest.param(
            header(0, 4, "000064 000001 08 01000000 61") + header(3, 4, "62"),
            [(100, 1, b"a"), (200, 1, b"b")],
            id="type 3 after type 0 takes its timestamp as the delta (5.3.1.2.4)",
        ),
        pytest.param(
            header(1, 4, "00000a 000001 08 61"),
            [(10, 0, b"a")],
            id="librtmp opens a chunk stream with type 1",
        ),
        pytest.param(
            header(0, 4, "ffffff 000001 08 01000000 01000000 61"),
            [(16777216, 1, b"a")],
            id="extended timestamp",
        ),
        pytest.param(
            header(0, 4, "ffffff 000001 08 01000000 00ffffff 61"),
            [(16777215, 1, b"a")],
            id="the smallest extended timestamp",
        ),
        pytest.param(
            header(0, 4, "ffffff 000001 08 01000000 fffffff0 61") + header(2, 4, "000020 62"),
            [(0xFFFFFFF0, 1, b"a"), (0x10, 1, b"b")],
            id="timestamps wrap at 32 bits",
        ),
        pytest.param(
            header(0, 4, "000000 000000 08 01000000") + header(0, 4, "000001 000001 08 01000000 61"),
            [(0, 1, b""), (1, 1, b"a")],
            id="empty message",
        ),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 1000])
def test_timestamps_and_headers(sent: bytes, expected: list[tuple[int, int, bytes]], size: int) -> None:
    found = read_all(cut(sent, size))
    assert [(message.timestamp_ms, message.stream_id, message.payload) for message in found] == expected


@pytest.mark.parametrize("size", [1, 3, 137, 10_000])
@pytest.mark.parametrize("repeats", [True, False], ids=["repeated", "left out"])
def test_extended_timestamp_may_be_repeated_in_continuations_or_not(repeats: bool, size: int) -> None:
    body = bytes(range(200)) * 5
    first, *rest = cut(body, 128)
    extended = (20_000_000).to_bytes(4)
    sent = header(0, 6, "ffffff 0003e8 09 01000000") + extended + first
    sent += b"".join(header(3, 6) + (extended if repeats else b"") + piece for piece in rest)
    sent += header(2, 6, "000028") + body[:128] + b"".join(header(3, 6) + piece for piece in rest)
    found = read_all(cut(sent, size))
    assert [(message.timestamp_ms, message.payload) for message in found] == [(20_000_000, body), (20_000_040, body)]


def test_chunks_of_two_streams_may_interleave() -> None:
    video, audio = b"v" * 300, b"a" * 200
    sent = header(0, 6, "000000 00012c 09 01000000") + video[:128]
    sent += header(0, 4, "000005 0000c8 08 01000000") + audio[:128]
    sent += header(3, 6) + video[128:256] + header(3, 4) + audio[128:] + header(3, 6) + video[256:]
    for size in (1, 50, 1000):
        assert [message.payload for message in read_all(cut(sent, size))] == [audio, video]


def test_interleaving_inside_a_long_run_is_noticed() -> None:
    video = bytes(index % 256 for index in range(128 * 20))
    pieces = cut(video, 128)
    sent = header(0, 6, "000000 000a00 09 01000000") + pieces[0]
    for index, piece in enumerate(pieces[1:]):
        if index == 7:
            sent += header(0, 4, "000005 000001 08 01000000 61")
        sent += header(3, 6) + piece
    assert [message.payload for message in read_all([sent])] == [b"a", video]


def test_set_chunk_size_takes_effect_at_once_even_inside_another_message() -> None:
    body = bytes(range(256)) * 4
    sent = header(0, 6, "000000 000400 09 01000000") + body[:128]
    sent += header(0, 2, "000000 000004 01 00000000 00000200")
    sent += header(3, 6) + body[128:640] + header(3, 6) + body[640:]
    assert [message.payload for message in read_all(cut(sent, 77))] == [body]


def test_abort_throws_the_partial_message_away() -> None:
    sent = header(0, 6, "000000 00012c 09 01000000") + b"v" * 128
    sent += header(0, 2, "000000 000004 02 00000000 00000006")
    sent += header(0, 6, "000001 000001 09 01000000 61")
    sent += header(0, 2, "000000 000004 02 00000000 0000002a")
    assert [message.payload for message in read_all([sent])] == [b"a"]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (header(2, 4, "000000"), "chunk stream 4 begins with a chunk of type 2"),
        (header(3, 5), "chunk stream 5 begins with a chunk of type 3"),
        (header(0, 4, "000000 0007d1 09 01000000"), "a message of type 9 has 2001 bytes; the limit is 2000"),
        (header(0, 2, "000000 000004 01 00000000 0000007f"), "127 bytes is not between 128 and 4096"),
        (header(0, 2, "000000 000004 01 00000000 00001001"), "4097 bytes is not between"),
        (header(0, 2, "000000 000004 01 00000000 80000080"), "2147483776 bytes is not between"),
        (header(0, 2, "000000 000002 01 00000000 0080"), "Set Chunk Size has 2 bytes instead of 4"),
        (header(0, 2, "000000 000000 02 00000000"), "Abort has 0 bytes instead of 4"),
        (
            header(0, 4, "000000 00012c 09 01000000") + bytes(128) + header(0, 4, "000000 000001 09 01000000"),
            "chunk stream 4 begins a message 172 bytes before the end of the last one",
        ),
        (
            b"".join(header(0, csid, "000000 0005dc 09 01000000") + bytes(128) for csid in (4, 5, 6)),
            "unfinished messages have 4500 bytes; the limit is 3000",
        ),
        (
            b"".join(header(0, csid, "000000 000000 09 01000000") for csid in (4, 5, 6, 7)),
            "more than 3 chunk streams are used",
        ),
    ],
)
def test_contradictions_and_excesses_are_refused(sent: bytes, sentence: str) -> None:
    with pytest.raises(ChunkViolation, match=sentence):
        read_all(cut(sent, 1), ChunkReader(SMALL))


def test_finished_messages_no_longer_count_as_assembling() -> None:
    sent = header(0, 4, "000000 0005dc 09 01000000") + bytes(128)
    sent += b"".join(header(3, 4) + bytes(min(128, 1500 - start)) for start in range(128, 1500, 128))
    assert len(read_all([sent] * 10, ChunkReader(SMALL))) == 10


@given(st.lists(st.binary(max_size=200), max_size=10), st.booleans())
def test_any_bytes_are_read_or_refused(pieces: list[bytes], starts_well: bool) -> None:
    reader = ChunkReader(SMALL)
    if starts_well:
        read_all([header(0, 4, "000000 000200 09 01000000")], reader)
    with suppress(ChunkViolation):
        read_all(pieces, reader)


def test_memory_of_a_hostile_peer_stays_bounded() -> None:
    reader = ChunkReader(ChunkLimits(max_message_bytes=100_000, max_assembling_bytes=200_000, max_chunk_streams=64))
    sent = (
        piece
        for csid in range(3, 60)
        for piece in (header(0, csid, "000000 0186a0 09 01000000") + bytes(128), *[header(3, csid) + bytes(128)] * 700)
    )
    tracemalloc.start()
    with pytest.raises(ChunkViolation, match="unfinished messages"):
        read_all(sent, reader)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("csid", [0, 1, 65600])
def test_writer_knows_its_chunk_stream_ids(csid: int) -> None:
    with pytest.raises(ValueError, match="is not between 2 and 65599"):
        ChunkWriter().write(Message(type_id=9), csid=csid)


def test_writer_uses_the_shortest_header() -> None:
    writer = ChunkWriter()
    sizes = [
        len(writer.write(Message(type_id=8, stream_id=1, timestamp_ms=timestamp_ms, payload=payload), csid=4))
        for timestamp_ms, payload in [(0, b"a"), (20, b"a"), (40, b"a"), (70, b"a"), (80, b"ab")]
    ]
    assert sizes == [13, 5, 2, 5, 10]
