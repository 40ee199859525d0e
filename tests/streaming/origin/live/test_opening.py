"""What is collected before a stream can be encoded."""

import pytest

from streaming.origin.live.opening import Opening
from streaming.rtmp.events import MediaMessage
from tests.streaming.origin.live.messages import audio_header, metadata, picture, sound, video_header


def opening_of(*messages: MediaMessage) -> Opening:
    opening = Opening()
    for message in messages:
        opening.take(message)
    return opening


def test_headers_alone_are_no_stream() -> None:
    assert not opening_of(metadata(), video_header(), audio_header()).is_ready


def test_a_key_frame_and_sound_are() -> None:
    opening = opening_of(metadata(), video_header(), audio_header(), picture(0, is_key=True), sound(10))
    assert opening.is_ready
    assert [message.payload for message in opening.take_all()] == [b"claims", b"sps", b"sound", b"picture", b"sound"]


def test_what_comes_before_the_first_key_frame_is_left_out() -> None:
    opening = opening_of(video_header(), audio_header(), picture(0), sound(5), picture(33, is_key=True), sound(40))
    assert [message.timestamp_ms for message in opening.take_all()] == [0, 0, 33, 40]


def test_sound_before_the_key_frame_does_not_count_as_none_of_it_is_kept() -> None:
    opening = opening_of(video_header(), audio_header(), sound(0), picture(2_500, is_key=True))
    assert not opening.is_ready
    opening.take(sound(2_510))
    assert opening.is_ready


def test_picture_alone_is_a_stream_when_no_sound_has_come_for_two_seconds() -> None:
    opening = opening_of(video_header(), picture(5_000, is_key=True), picture(6_900))
    assert not opening.is_ready
    opening.take(picture(7_000))
    assert opening.is_ready


def test_sound_alone_is_a_stream_when_nothing_speaks_of_a_picture_for_two_seconds() -> None:
    assert not opening_of(audio_header(), sound(0), sound(1_900)).is_ready
    assert opening_of(audio_header(), sound(0), sound(2_000)).is_ready
    assert not opening_of(audio_header(), video_header(), sound(0), sound(2_000)).is_ready


def test_pictures_without_a_key_frame_are_hopeless_after_a_while() -> None:
    frames = [video_header(), *(picture(at_ms) for at_ms in range(0, 20_001, 500))]
    assert not opening_of(*frames).is_hopeless
    hopeless = opening_of(*frames, picture(20_001))
    assert (hopeless.is_hopeless, hopeless.is_ready) == (True, False)


@pytest.mark.parametrize("jump_ms", [20_000, 3_600_000, -20_000])
def test_times_that_jump_before_the_first_key_frame_are_no_wait_for_it(jump_ms: int) -> None:
    before = [video_header(), audio_header(), picture(60_000), sound(60_005), picture(60_033)]
    # The other track jumps a little later.
    jump = [picture(60_066 + jump_ms), sound(60_028), picture(60_099 + jump_ms)]
    waiting = opening_of(*before, *jump)
    assert (waiting.is_hopeless, waiting.is_ready) == (False, False)
    begun = [picture(60_132 + jump_ms, is_key=True), sound(60_140 + jump_ms)]
    opening = opening_of(*before, *jump, *begun)
    assert opening.is_ready
    assert opening.held_s == 0.008


def test_times_that_jump_behind_the_key_frame_are_no_wait_for_its_sound() -> None:
    before = [video_header(), audio_header(), picture(0, is_key=True), picture(20_000), picture(20_033)]
    assert not opening_of(*before).is_ready
    opening = opening_of(*before, sound(20_040))
    assert opening.is_ready
    assert opening.held_s == 0.04


def test_a_key_frame_that_never_gets_its_sound_does_not_fill_the_memory() -> None:
    megabytes = bytes(8_000_000)
    opening = opening_of(video_header(), picture(0, is_key=True))
    for at_ms in range(10, 60, 10):
        opening.take(picture(at_ms, payload=megabytes))
    assert sum(len(message.payload) for message in opening.take_all()) < 25_000_000


def test_after_a_pause_it_waits_for_the_next_key_frame_and_knows_the_headers() -> None:
    opening = opening_of(video_header(), audio_header(), picture(0, is_key=True), sound(1))
    opening.begin_again()
    ready = []
    for message in (picture(33), picture(66, is_key=True), sound(70)):
        opening.take(message)
        ready.append(opening.is_ready)
    assert ready == [False, False, True]
    assert [message.timestamp_ms for message in opening.take_all()] == [0, 0, 66, 70]


def test_another_header_is_told_from_the_same_once_more() -> None:
    opening = opening_of(video_header(), audio_header())
    assert not opening.has_other_header(video_header())
    assert not opening.has_other_header(picture(0, is_key=True))
    assert opening.has_other_header(video_header(b"another sps"))


def test_it_tells_how_long_the_media_lasts_that_it_holds() -> None:
    opening = opening_of(video_header(), audio_header(), picture(100, is_key=True), sound(350))
    assert opening.held_s == 0.25


def test_what_came_before_another_header_is_not_decoded_by_it() -> None:
    opening = opening_of(video_header(), audio_header(), picture(0, is_key=True), sound(1))
    ready = []
    for message in (video_header(b"another sps"), picture(33, is_key=True), sound(40)):
        opening.take(message)
        ready.append(opening.is_ready)
    assert ready == [False, False, True]
    assert [message.payload for message in opening.take_all()] == [b"another sps", b"sound", b"picture", b"sound"]
