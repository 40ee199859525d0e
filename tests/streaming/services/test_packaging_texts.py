"""Subtitles that come out of a film."""

from streaming.services.packaging_texts import TextSink

WEBVTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"


def test_what_comes_in_pieces_is_one_text() -> None:
    sink = TextSink()
    for at in range(0, len(WEBVTT), 7):
        sink.take(WEBVTT[at : at + 7])
    sink.take(b"")
    assert sink.webvtt() == WEBVTT.decode()


def test_a_text_without_cues_is_none() -> None:
    sink = TextSink()
    sink.take(b"WEBVTT\n\nNOTE nothing is said\n")
    assert sink.webvtt() is None


def test_bytes_that_are_no_words_do_no_harm() -> None:
    sink = TextSink()
    sink.take(WEBVTT + b"\xff\xfe")
    assert str(sink.webvtt()).endswith("\ufffd\ufffd")


def test_a_track_that_does_not_end_is_left_out_and_takes_no_memory() -> None:
    sink = TextSink(longest=100)
    for _ in range(50):
        sink.take(WEBVTT)
    assert (sink.is_too_long, sink.webvtt()) == (True, None)
