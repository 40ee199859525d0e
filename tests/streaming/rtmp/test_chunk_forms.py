"""Chunk headers written by hand, at the edges of their fields (RTMP 1.0 section 5.3.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtmp.chunks import ChunkReader, ChunkWriter
from streaming.rtmp.errors import ChunkViolation
from streaming.rtmp.limits import ChunkLimits
from streaming.rtmp.messages import Message, MessageType
from tests.streaming.rtmp.publisher import cut
from tests.streaming.rtmp.test_chunks import header, read_all

VIDEO = MessageType.VIDEO
LARGEST_PLAIN = 0xFFFFFE
EXTENDED = 0xFFFFFF
SLICES = (1, 2, 3, 7, 1000)


def basic(fmt: int, csid: int, *, size: int | None = None) -> bytes:
    """Return a basic header of one to three bytes; without `size` of the shortest that holds the id (5.3.1.1)."""
    size = size or (1 if csid < 64 else 2 if csid < 320 else 3)
    if size == 1:
        return bytes((fmt << 6 | csid,))
    return bytes((fmt << 6 | size - 2,)) + (csid - 64).to_bytes(size - 1, "little")


def whole(csid: int, body: bytes, *, time_ms: int = 0, size: int | None = None) -> bytes:
    """Return one message in one chunk of type 0."""
    fields = min(time_ms, EXTENDED).to_bytes(3) + len(body).to_bytes(3) + bytes((VIDEO,)) + (1).to_bytes(4, "little")
    extended = time_ms.to_bytes(4) if time_ms >= EXTENDED else b""
    return basic(0, csid, size=size) + fields + extended + body


def control(type_id: int, value: int) -> bytes:
    return header(0, 2, f"000000 000004 {type_id:02x} 00000000 {value:08x}")


def times_and_bodies(sent: bytes, size: int = 1000) -> list[tuple[int, bytes]]:
    return [(message.timestamp_ms, message.payload) for message in read_all(cut(sent, size))]


# --- Basic headers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("csid", "encoded"),
    [
        (2, "02"),
        (3, "03"),
        (63, "3f"),
        (64, "0000"),
        (65, "0001"),
        (319, "00ff"),
        (320, "010001"),
        (321, "010101"),
        (65599, "01ffff"),
    ],
)
def test_the_writer_uses_the_shortest_form_of_a_chunk_stream_id(csid: int, encoded: str) -> None:
    assert ChunkWriter().write(Message(type_id=VIDEO), csid=csid).startswith(bytes.fromhex(encoded + "000000"))
    assert basic(0, csid) == bytes.fromhex(encoded)


@pytest.mark.parametrize("size", SLICES)
@pytest.mark.parametrize("csid", [3, 63, 64, 319, 320, 65599])
def test_every_form_of_a_chunk_stream_id_is_read_in_any_slices(csid: int, size: int) -> None:
    sent = whole(csid, b"v" * 128) + basic(1, csid) + bytes.fromhex("000028 000002 09") + b"ww"
    sent += basic(2, csid) + bytes.fromhex("00000a") + b"xx" + basic(3, csid) + b"yy"
    assert times_and_bodies(sent, size) == [(0, b"v" * 128), (40, b"ww"), (50, b"xx"), (60, b"yy")]


@pytest.mark.parametrize("csid", [64, 200, 319])
def test_the_two_and_the_three_byte_form_of_an_id_name_one_chunk_stream(csid: int) -> None:
    body = bytes(range(256)) + bytes(44)
    sent = whole(csid, body, time_ms=7)[: 2 + 11 + 128]
    sent += basic(3, csid, size=3) + body[128:256] + basic(3, csid, size=2) + body[256:]
    for size in SLICES:
        assert times_and_bodies(sent, size) == [(7, body)]


def test_neighbouring_ids_at_the_edges_of_the_forms_are_different_streams() -> None:
    csids = (63, 64, 319, 320, 65599)
    bodies = {csid: csid.to_bytes(3) * 60 for csid in csids}
    openings = [whole(csid, bodies[csid])[: -180 + 128] for csid in csids]
    endings = [basic(3, csid) + bodies[csid][128:] for csid in csids]
    found = read_all(cut(b"".join(openings + endings), 50))
    assert [message.payload for message in found] == [bodies[csid] for csid in csids]


# --- Timestamps -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SLICES)
@pytest.mark.parametrize("time_ms", [0, LARGEST_PLAIN, EXTENDED, EXTENDED + 1, 2**31, 2**32 - 1])
def test_absolute_times_are_read_on_both_sides_of_the_extension(time_ms: int, size: int) -> None:
    sent = whole(4, b"a", time_ms=time_ms) + whole(4, b"b", time_ms=5)
    assert times_and_bodies(sent, size) == [(time_ms, b"a"), (5, b"b")]


@pytest.mark.parametrize("fmt", [1, 2])
@pytest.mark.parametrize("delta_ms", [LARGEST_PLAIN, EXTENDED, EXTENDED + 1])
def test_deltas_are_read_on_both_sides_of_the_extension(delta_ms: int, fmt: int) -> None:
    step = min(delta_ms, EXTENDED).to_bytes(3) + bytes.fromhex("000001 09")[: 4 * (fmt == 1)]
    extended = delta_ms.to_bytes(4) if delta_ms >= EXTENDED else b""
    sent = whole(4, b"a", time_ms=1000) + basic(fmt, 4) + step + extended + b"b"
    assert times_and_bodies(sent, 3) == [(1000, b"a"), (1000 + delta_ms, b"b")]


@pytest.mark.parametrize("time_ms", [LARGEST_PLAIN, EXTENDED, EXTENDED + 1])
def test_the_writer_extends_a_time_exactly_when_it_must(time_ms: int) -> None:
    sent = ChunkWriter().write(Message(type_id=VIDEO, stream_id=1, timestamp_ms=time_ms, payload=b"a" * 129), csid=4)
    extension = 0 if time_ms == LARGEST_PLAIN else 4
    # Type 3 chunks repeat the extension (5.3.1.3).
    assert len(sent) == 12 + extension + 128 + 1 + extension + 1
    assert times_and_bodies(sent) == [(time_ms, b"a" * 129)]


def test_a_new_message_of_type_3_carries_its_extended_delta_itself() -> None:
    delta_ms = EXTENDED + 10
    sent = whole(4, b"a", time_ms=0) + basic(2, 4) + b"\xff\xff\xff" + delta_ms.to_bytes(4) + b"b"
    sent += basic(3, 4) + delta_ms.to_bytes(4) + b"c"
    for size in SLICES:
        assert times_and_bodies(sent, size) == [(0, b"a"), (delta_ms, b"b"), (2 * delta_ms, b"c")]


def test_a_plain_time_after_an_extended_one_ends_the_extension() -> None:
    body = b"v" * 200
    sent = whole(6, body, time_ms=EXTENDED + 1)[: 12 + 4 + 128]
    sent += basic(3, 6) + (EXTENDED + 1).to_bytes(4) + body[128:]
    sent += whole(6, body, time_ms=30)[: 12 + 128] + basic(3, 6) + body[128:]
    for size in SLICES:
        assert times_and_bodies(sent, size) == [(EXTENDED + 1, body), (30, body)]


@pytest.mark.parametrize("rest", [1, 2, 3])
def test_a_last_chunk_shorter_than_the_extension_it_leaves_out_does_not_wait_for_the_next_message(rest: int) -> None:
    body = b"v" * (128 + rest)
    sent = whole(6, body, time_ms=EXTENDED + 1)[: 12 + 4 + 128] + basic(3, 6) + body[128:]
    assert times_and_bodies(sent) == [(EXTENDED + 1, body)]


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=12), st.integers(1, 40))
def test_any_jumps_of_time_are_read_as_written(times: list[int], size: int) -> None:
    writer = ChunkWriter()
    sent = b"".join(
        writer.write(Message(type_id=VIDEO, stream_id=1, timestamp_ms=time_ms, payload=b"f"), csid=6)
        for time_ms in times
    )
    assert [time_ms for time_ms, _ in times_and_bodies(sent, size)] == times


# --- Control in the middle of messages --------------------------------------------------------------------------------


def test_an_abort_frees_the_room_that_its_message_held() -> None:
    reader = ChunkReader(ChunkLimits(max_message_bytes=2000, max_assembling_bytes=3000))
    opening = whole(4, b"v" * 2000)[: 12 + 128]
    for _ in range(20):
        assert read_all([opening, control(2, 4)], reader) == []


def test_a_message_that_follows_an_abort_begins_afresh_with_any_type_of_chunk() -> None:
    sent = whole(6, b"v" * 300, time_ms=100)[: 12 + 128] + control(2, 6)
    sent += basic(1, 6) + bytes.fromhex("000014 000001 09") + b"w"
    sent += basic(3, 6) + b"x"
    for size in SLICES:
        assert times_and_bodies(sent, size) == [(120, b"w"), (140, b"x")]


def test_an_abort_leaves_the_message_of_another_chunk_stream_alone() -> None:
    video, audio = b"v" * 300, b"a" * 200
    sent = whole(6, video)[: 12 + 128] + whole(4, audio)[: 12 + 128] + control(2, 4)
    sent += basic(3, 6) + video[128:256] + basic(3, 6) + video[256:]
    assert times_and_bodies(sent, 9) == [(0, video)]


@pytest.mark.parametrize("csid", [64, 319, 320, 65599])
def test_an_abort_names_chunk_streams_of_every_form(csid: int) -> None:
    sent = whole(csid, b"v" * 300)[: -300 + 128] + control(2, csid) + whole(csid, b"w")
    assert times_and_bodies(sent, 5) == [(0, b"w")]


def test_a_smaller_chunk_size_in_mid_message_holds_from_the_next_chunk_on() -> None:
    body = bytes(range(256)) * 8
    sent = control(1, 1024) + whole(6, body)[: 12 + 1024]
    sent += control(1, 128) + b"".join(basic(3, 6) + piece for piece in cut(body[1024:], 128))
    for size in (1, 100, 5000):
        assert times_and_bodies(sent, size) == [(0, body)]


def test_the_chunk_size_counts_for_every_chunk_stream() -> None:
    video, audio = b"v" * 700, b"a" * 600
    sent = whole(6, video)[: 12 + 128] + control(1, 512) + whole(4, audio)[: 12 + 512]
    sent += basic(3, 6) + video[128:640] + basic(3, 4) + audio[512:] + basic(3, 6) + video[640:]
    for size in (1, 100, 5000):
        assert times_and_bodies(sent, size) == [(0, audio), (0, video)]


def test_the_highest_bit_of_a_chunk_size_must_be_zero() -> None:
    with pytest.raises(ChunkViolation, match="2147487744 bytes is not between"):
        read_all([control(1, 0x8000_1000)])


def test_messages_of_four_chunk_streams_interleave_chunk_by_chunk() -> None:
    csids = (4, 63, 64, 320)
    bodies = {csid: bytes((csid % 251,)) * (128 * 3 + index) for index, csid in enumerate(csids)}
    opened = [whole(csid, body)[: len(basic(0, csid)) + 11 + 128] for csid, body in bodies.items()]
    rest = [[basic(3, csid) + piece for piece in cut(body[128:], 128)] for csid, body in bodies.items()]
    longest = max(map(len, rest))
    mixed = [pieces[turn] for turn in range(longest) for pieces in rest if turn < len(pieces)]
    for size in (1, 33, 5000):
        found = read_all(cut(b"".join(opened + mixed), size))
        assert [message.payload for message in found] == list(bodies.values())


@given(st.data())
def test_any_interleaving_gives_each_chunk_stream_its_own_messages(data: st.DataObject) -> None:
    csids = (4, 6, 64, 320)
    bodies = {csid: bytes((csid % 251,)) * data.draw(st.integers(1, 700)) for csid in csids}
    queues = {
        csid: [whole(csid, body)[: len(basic(0, csid)) + 11 + 128]]
        + [basic(3, csid) + piece for piece in cut(body[128:], 128)]
        for csid, body in bodies.items()
    }
    sent = b""
    while queues:
        csid = data.draw(st.sampled_from(sorted(queues)))
        sent += queues[csid].pop(0)
        queues = {key: queue for key, queue in queues.items() if queue}
    found = read_all(cut(sent, data.draw(st.integers(1, 300))))
    assert sorted(message.payload for message in found) == sorted(bodies.values())
