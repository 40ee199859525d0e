import pytest

from streaming.rtmp.errors import HandshakeViolation
from streaming.rtmp.handshake import HANDSHAKE_BYTES, ServerHandshake
from tests.streaming.rtmp.publisher import CLIENT_HANDSHAKE, NONCE, cut


def test_server_echoes_the_client_and_sends_its_own_nonce() -> None:
    handshake = ServerHandshake(nonce=NONCE)
    sent = handshake.receive(CLIENT_HANDSHAKE[: 1 + HANDSHAKE_BYTES])
    assert sent[0] == 3
    assert sent[1 : 1 + HANDSHAKE_BYTES] == bytes(8) + NONCE
    assert sent[1 + HANDSHAKE_BYTES :] == CLIENT_HANDSHAKE[1 : 1 + HANDSHAKE_BYTES]
    assert not handshake.is_done


@pytest.mark.parametrize("size", [1, 7, 1536, 1537, 5000])
def test_answer_does_not_depend_on_slices(size: int) -> None:
    handshake = ServerHandshake(nonce=NONCE)
    sent = b"".join(handshake.receive(piece) for piece in cut(CLIENT_HANDSHAKE, size))
    assert len(sent) == 1 + 2 * HANDSHAKE_BYTES
    assert handshake.is_done
    assert handshake.remainder() == b""


def test_bytes_after_the_handshake_are_kept() -> None:
    handshake = ServerHandshake(nonce=NONCE)
    handshake.receive(CLIENT_HANDSHAKE + b"chunks")
    assert handshake.remainder() == b"chunks"


@pytest.mark.parametrize("first", [b"G", b"\x06", b"\x00", b"\x16"])
def test_other_protocols_and_versions_are_refused_at_the_first_byte(first: bytes) -> None:
    with pytest.raises(HandshakeViolation, match=f"version {first[0]}; only 3"):
        ServerHandshake(nonce=NONCE).receive(first)


def test_nonce_of_another_length_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="must have 1528 bytes, not 3"):
        ServerHandshake(nonce=b"abc")
