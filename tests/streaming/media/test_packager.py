"""Pipes in, files out: order, ends, and pipes that bring what they should not."""

from fractions import Fraction

import pytest

from streaming.media.errors import BoxViolation, IndexViolation, RungMisaligned, TimelineViolation
from streaming.media.fragments import Fragment
from streaming.media.package_index import AudioRole
from streaming.media.packager import AudioOutput, File, Packager, VideoOutput
from streaming.media.samples import format_chunk
from streaming.media.tracks import Track, format_init
from tests.streaming.media.making import make_fragment, make_sound_track, make_text, make_track

SECOND, SOUND_FRAME = 12800, 1024
HIGH = VideoOutput(name="video-720", frame_rate=Fraction(25), ceiling_bps=2_000_000)
LOW = VideoOutput(name="video-360", frame_rate=Fraction(25))
ENGLISH = AudioOutput(name="audio-en", label="English", language="en", is_default=True)


def stream(track: Track, fragments: list[Fragment], *, early: int = 0) -> bytes:
    """Write a pipe whose decode times are `early` ticks before those of the fragments."""
    chunks = [
        format_chunk(
            sequence=number,
            decode_time=fragment.decode_time - early,
            samples=fragment.samples,
            payload=[fragment.payload],
        )
        for number, fragment in enumerate(fragments, 1)
    ]
    return format_init(track) + b"".join(chunks)


def picture(seconds: int, *, group: int = 25) -> bytes:
    frames = seconds * 25
    fragments = [make_fragment(at * 512, count=min(group, frames - at)) for at in range(0, frames, group)]
    return stream(make_track(), fragments)


def sound(seconds: float) -> bytes:
    count = round(seconds * 48000 / SOUND_FRAME)
    fragments = [
        make_fragment(at * SOUND_FRAME, count=min(25, count - at), duration=SOUND_FRAME, is_sound=True)
        for at in range(0, count, 25)
    ]
    return stream(make_sound_track(), fragments)


def names(files: tuple[File, ...]) -> list[str]:
    return [file.name for file in files]


def packager(*outputs: VideoOutput | AudioOutput) -> Packager:
    return Packager(outputs or (HIGH, LOW, ENGLISH), segment_s=Fraction(4))


def test_a_rung_that_is_made_later_must_agree_with_one_that_is_there() -> None:
    for starts, is_aligned in (([0, 4, 8], True), ([0, 4, 9], False)):
        later = Packager((LOW,), segment_s=Fraction(4), starts=list(map(Fraction, starts)))
        if is_aligned:
            assert len(feed_all(later)) == 4
            continue
        with pytest.raises(RungMisaligned, match="the rung that is there"):
            feed_all(later)


def feed_all(running: Packager) -> list[str]:
    return names(running.feed("video-360", picture(10)) + running.feed("video-360", b""))


def test_a_header_is_stored_before_its_segments() -> None:
    running = packager()
    assert names(running.feed("video-720", picture(10))) == ["video-720/init.mp4", "video-720/1.m4s", "video-720/2.m4s"]
    assert names(running.feed("video-720", b"")) == ["video-720/3.m4s"]


@pytest.mark.parametrize(
    "order",
    [
        ("video-720", "video-360", "audio-en"),
        ("audio-en", "video-360", "video-720"),
        ("video-360", "audio-en", "video-720"),
    ],
)
def test_pipes_may_come_and_end_in_any_order(order: tuple[str, ...]) -> None:
    running = packager()
    streams = {"video-720": picture(10), "video-360": picture(10), "audio-en": sound(9.9)}
    found = []
    for name in order:
        found += [*running.feed(name, streams[name]), *running.feed(name, b"")]
    assert sorted(names(tuple(found))) == sorted(
        f"{name}/{file}" for name in streams for file in ("init.mp4", "1.m4s", "2.m4s", "3.m4s")
    )
    index = running.index(is_whole=True, target_duration_s=4)
    assert [len(track.segments) for track in index.media()] == [3, 3, 3]
    for file in found:
        if file.name.endswith(".m4s"):
            name, number = file.name.removesuffix(".m4s").split("/")
            (track,) = [track for track in index.media() if track.name == name]
            assert track.segments[int(number) - 1].size == len(file.content)


def test_the_index_says_what_the_headers_and_the_plan_say() -> None:
    running = packager(HIGH, AudioOutput(name="a", label="Kommentar", language="de", role=AudioRole.COMMENTARY))
    running.feed("video-720", picture(8))
    running.feed("a", sound(8))
    index = running.index(is_whole=False, target_duration_s=4, texts=(make_text(),))
    (video,), (audio,) = index.video, index.audio
    assert (video.codec, video.width_px, video.height_px, video.frame_rate) == ("avc1.64000c", 320, 180, Fraction(25))
    assert (video.ceiling_bps, video.start, len(video.segments)) == (2_000_000, 128000, 1)
    assert (audio.codec, audio.channels, audio.sample_rate_hz, audio.label) == ("mp4a.40.2", 2, 48000, "Kommentar")
    assert (audio.role, audio.language, index.texts) == (AudioRole.COMMENTARY, "de", (make_text(),))


def test_a_track_that_has_not_come_is_not_in_the_index() -> None:
    running = packager()
    running.feed("video-720", picture(8))
    assert [track.name for track in running.index(is_whole=False, target_duration_s=4).media()] == ["video-720"]


def test_a_package_is_whole_when_all_tracks_have_ended() -> None:
    running = packager()
    running.feed("video-720", picture(8))
    running.feed("video-720", b"")
    with pytest.raises(TimelineViolation, match="video-360, audio-en did not end"):
        running.index(is_whole=True, target_duration_s=4)


def test_a_segment_that_is_too_long_for_the_target_is_told() -> None:
    running = packager(HIGH)
    running.feed("video-720", picture(10, group=150))
    with pytest.raises(IndexViolation, match=r"segment 1 of video-720 lasts 6\.000 s"):
        running.index(is_whole=False, target_duration_s=4)


def test_rungs_that_are_cut_elsewhere_are_refused() -> None:
    running = packager(HIGH, LOW)
    running.feed("video-720", picture(10))
    with pytest.raises(
        RungMisaligned, match=r"segment 2 of video-360 begins at 6\.000000 s, that of video-720 at 4\.0"
    ):
        running.feed("video-360", picture(13, group=75))


def test_sound_alone_needs_no_leader() -> None:
    running = packager(ENGLISH)
    files = [*running.feed("audio-en", sound(9)), *running.feed("audio-en", b"")]
    assert names(tuple(files)) == ["audio-en/init.mp4", "audio-en/1.m4s", "audio-en/2.m4s", "audio-en/3.m4s"]


def test_sound_that_ends_long_before_the_picture_is_kept_as_it_is() -> None:
    running = packager(HIGH, ENGLISH)
    files = [*running.feed("audio-en", sound(5)), *running.feed("audio-en", b"")]
    files += [*running.feed("video-720", picture(12)), *running.feed("video-720", b"")]
    index = running.index(is_whole=True, target_duration_s=4)
    assert [len(track.segments) for track in index.media()] == [3, 2]
    assert "audio-en/2.m4s" in names(tuple(files))


@pytest.mark.parametrize(
    ("name", "received", "words"),
    [
        ("video-720", sound(1), "the pipe of video-720 brings mp4a"),
        ("audio-en", picture(1), "the pipe of audio-en brings avc1"),
        ("audio-en", b"", "no track has come"),
    ],
)
def test_a_pipe_with_something_else_is_refused(name: str, received: bytes, words: str) -> None:
    with pytest.raises(BoxViolation, match=words):
        packager().feed(name, received)


def test_a_pipe_that_breaks_off_is_refused() -> None:
    running = packager(HIGH)
    running.feed("video-720", picture(3)[:-1])
    with pytest.raises(BoxViolation, match="in the middle of a fragment"):
        running.feed("video-720", b"")


def test_holes_are_told_by_track() -> None:
    running = packager(HIGH)
    running.feed("video-720", stream(make_track(), [make_fragment(0), make_fragment(SECOND + 512)]))
    ((name, (gap,)),) = running.gaps().items()
    assert (name, gap.at_s, gap.length_s) == ("video-720", Fraction(1), Fraction(1, 25))
