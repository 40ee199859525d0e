from dataclasses import replace

from streaming.media.live.backlog import Backlog, BacklogPolicy
from streaming.media.live.flv_writer import Rebaser
from streaming.rtmp.events import MediaMessage
from tests.streaming.media.live.publishing import (
    AAC_HEADER,
    AVC_HEADER,
    AVC_KEY_FRAME,
    FULL_HD,
    audio,
    make_plan,
    video,
)

POLICY = BacklogPolicy(most_ms=1000, resumes_at_ms=200, most_bytes=10_000)


class Feed:
    """An encoder that takes nothing until it is told to."""

    def __init__(self, *, has_picture: bool = True, policy: BacklogPolicy = POLICY) -> None:
        source = FULL_HD if has_picture else replace(FULL_HD, video_codec=None)
        self.rebaser = Rebaser(make_plan(source))
        self.backlog = Backlog(has_picture=has_picture, policy=policy)
        self.waiting: list[bytes] = []
        assert self.offer(self.rebaser.header())

    def offer(self, tag: bytes) -> bool:
        """Feed it a tag if it is taken."""
        is_taken = self.backlog.takes(tag, waiting_bytes=sum(map(len, self.waiting)))
        if is_taken:
            self.waiting.append(tag)
        return is_taken

    def send(self, *messages: MediaMessage) -> list[bool]:
        return [self.offer(tag) for message in messages if (tag := self.rebaser.tag(message))]


def frames(first_ms: int, last_ms: int) -> list[MediaMessage]:
    return [video(at_ms) for at_ms in range(first_ms, last_ms, 100)]


def test_one_that_keeps_up_gets_everything() -> None:
    feed = Feed()
    for message in [video(0, AVC_KEY_FRAME), *frames(100, 10_000)]:
        feed.waiting.clear()
        assert feed.send(message) == [True]
    assert feed.backlog.dropped_tags == 0


def test_no_more_waits_than_a_moment_of_media() -> None:
    feed = Feed()
    taken = feed.send(video(0, AVC_KEY_FRAME), *frames(100, 3000))
    assert taken == [True] * 12 + [False] * 18
    assert feed.backlog.dropped_tags == 18


def test_it_goes_on_at_a_key_frame_when_little_waits() -> None:
    feed = Feed()
    feed.send(video(0, AVC_KEY_FRAME), *frames(100, 2000))
    # Not before there is room, and not at just any frame.
    assert feed.send(video(2000, AVC_KEY_FRAME)) == [False]
    feed.waiting.clear()
    assert feed.send(video(2100), audio(2100)) == [False, False]
    assert feed.send(video(2200, AVC_KEY_FRAME), video(2300), audio(2300)) == [True] * 3


def test_headers_are_not_missed_but_a_flood_of_them_is() -> None:
    feed = Feed()
    feed.send(video(0, AVC_KEY_FRAME), *frames(100, 2000))
    assert feed.send(audio(0, AAC_HEADER)) == [False]
    feed.waiting.clear()
    assert feed.send(video(0, AVC_HEADER), video(2000)) == [True, False]


def test_sound_alone_goes_on_with_any_frame() -> None:
    feed = Feed(has_picture=False)
    taken = feed.send(*(audio(at_ms) for at_ms in range(0, 2000, 100)))
    assert taken.count(False) == 8
    feed.waiting.clear()
    assert feed.send(audio(2000), audio(2100)) == [True, True]


def test_times_that_stand_still_do_not_let_bytes_pile_up() -> None:
    feed = Feed()
    large = AVC_KEY_FRAME + bytes(3_000)
    assert feed.send(*(video(0, large) for _ in range(6))) == [True] * 4 + [False] * 2
