"""What an encoder sends, by the second: messages as they come, and the moments at which they do."""

from collections.abc import Callable

import pytest

from streaming.media.live.intake import Intake, IntakeFigures
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.messages import MessageType
from streaming.rtmp.metadata import ScriptTag, StreamMetadata
from tests.streaming.origin.live import messages

RATE = 30
PICTURE = b"p" * 1000


def claims(**claimed: float | int) -> MediaMessage:
    header = ScriptTag(name="onMetaData", metadata=StreamMetadata(**claimed))  # type: ignore[arg-type]  # any of them
    return MediaMessage(type_id=MessageType.DATA_AMF0, timestamp_ms=0, payload=b"claims", header=header)


def feed(
    intake: Intake,
    *,
    first_s: int = 0,
    seconds: int = 6,
    gop_s: float = 2.0,
    shown: Callable[[int], bool] = lambda frame: True,
    comes: Callable[[float], float] = lambda media_s: media_s,
    sound_ahead_ms: int = 0,
    from_ms: int = 0,
) -> IntakeFigures:
    """Send so many seconds of picture and sound, asked about at each full one; return what was said last."""
    figures = intake.figures(comes(first_s))
    for frame in range(first_s * RATE, (first_s + seconds) * RATE):
        media_s = frame / RATE
        if shown(frame):
            is_key = frame % round(gop_s * RATE) == 0
            at_ms = from_ms + round(1000 * media_s)
            intake.take(messages.picture(at_ms, is_key=is_key, payload=PICTURE), comes(media_s))
            intake.take(messages.sound(at_ms + sound_ahead_ms), comes(media_s))
        if (frame + 1) % RATE == 0:
            figures = intake.figures(comes((frame + 1) / RATE))
    return figures


def test_nothing_is_known_of_an_encoder_that_has_sent_nothing() -> None:
    figures = Intake().figures(5.0)
    assert (figures.received_bytes, figures.connections) == (0, 0)
    assert {figures.video_bps, figures.audio_bps, figures.frame_rate, figures.gop_s, figures.drift_ms} == {None}
    assert (figures.lag_ms, figures.target_bps, figures.nominal_frame_rate) == (None, None, None)


def test_rates_are_those_of_the_last_seconds() -> None:
    intake = Intake()
    intake.begin(0.0)
    intake.take(claims(frame_rate=30.0, video_bitrate_bps=2_500_000, audio_bitrate_bps=160_000), 0.0)
    figures = feed(intake, seconds=8)
    assert figures.video_bps == RATE * len(PICTURE) * 8
    assert figures.audio_bps == RATE * len(b"sound") * 8
    assert figures.frame_rate == 30.0
    assert (figures.nominal_frame_rate, figures.target_bps) == (30.0, 2_660_000)
    assert figures.received_bytes == 8 * RATE * (len(PICTURE) + len(b"sound"))
    # Nothing comes any more: five seconds later there is no rate either.
    for second in range(8, 14):
        figures = intake.figures(float(second))
    assert (figures.video_bps, figures.frame_rate, figures.drift_ms) == (None, None, None)


@pytest.mark.parametrize("claimed", [0.2, 1000.0])
def test_a_rate_that_cannot_be_meant_is_not_known(claimed: float) -> None:
    intake = Intake()
    intake.take(claims(frame_rate=claimed), 0.0)
    figures = intake.figures(1.0)
    assert (figures.nominal_frame_rate, figures.target_bps) == (None, None)


def test_frames_that_are_left_out_are_missed() -> None:
    intake = Intake()
    intake.begin(0.0)
    assert feed(intake, shown=lambda frame: frame % 3 != 1).frame_rate == 20.0


@pytest.mark.parametrize(("gop_s", "told_s"), [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)])
def test_the_distance_between_key_frames_is_measured(gop_s: float, told_s: float) -> None:
    intake = Intake()
    intake.begin(0.0)
    assert feed(intake, seconds=9, gop_s=gop_s).gop_s == pytest.approx(told_s, abs=0.02)


def test_a_distance_that_is_not_at_its_end_yet_counts_for_what_it_is() -> None:
    intake = Intake()
    intake.begin(0.0)
    figures = feed(intake, seconds=9, shown=lambda frame: True, gop_s=2.0)
    assert figures.gop_s == 2.0
    for frame in range(9 * RATE, 14 * RATE):
        intake.take(messages.picture(round(1000 * frame / RATE)), frame / RATE)
    assert intake.figures(14.0).gop_s == pytest.approx(5.97, abs=0.02)


def test_no_distance_is_known_before_the_second_key_frame() -> None:
    intake = Intake()
    intake.begin(0.0)
    assert feed(intake, seconds=1).gop_s is None


@pytest.mark.parametrize("ahead_ms", [-700, 0, 300])
def test_sound_that_is_ahead_of_the_picture_is_told(ahead_ms: int) -> None:
    intake = Intake()
    intake.begin(0.0)
    assert feed(intake, sound_ahead_ms=ahead_ms, from_ms=10_000).drift_ms == ahead_ms


def test_a_line_that_is_too_slow_makes_media_late() -> None:
    intake = Intake()
    intake.begin(0.0)
    figures = feed(intake, seconds=10, comes=lambda media_s: 100 + 1.2 * media_s)
    assert figures.lag_ms == pytest.approx(1990, abs=40)


def test_a_slow_start_is_made_good() -> None:
    intake = Intake()
    intake.begin(0.0)
    figures = feed(intake, seconds=10, comes=lambda media_s: max(3.0, media_s))
    assert figures.lag_ms == 0


def test_a_clock_that_is_set_makes_nothing_late() -> None:
    intake = Intake()
    intake.begin(0.0)
    feed(intake, seconds=6, from_ms=3_600_000)
    intake.take_latencies()
    figures = feed(intake, first_s=6, seconds=6, from_ms=0)
    assert figures.lag_ms == 0
    assert figures.gop_s == 2.0
    assert max(intake.take_latencies()) == 0
    assert feed(intake, first_s=12, seconds=6, from_ms=7_200_000).lag_ms == 0


def test_another_encoder_begins_anew_and_its_bytes_add_up() -> None:
    intake = Intake()
    intake.begin(0.0)
    intake.take(claims(frame_rate=60.0), 0.0)
    before = feed(intake, from_ms=50_000, gop_s=3.0)
    intake.begin(6.0)
    figures = intake.figures(6.5)
    assert figures.received_bytes == before.received_bytes
    assert (figures.connections, figures.nominal_frame_rate, figures.lag_ms, figures.gop_s) == (2, None, None, None)
    assert feed(intake, first_s=7, seconds=6).lag_ms == 0


def test_latencies_are_those_of_the_first_key_frame_and_then_of_each() -> None:
    intake = Intake()
    intake.begin(10.0)
    feed(intake, seconds=6, comes=lambda media_s: 10.4 + 1.1 * media_s)
    assert intake.take_latencies() == [pytest.approx(0.4), pytest.approx(0.2, abs=0.01), pytest.approx(0.4, abs=0.01)]
    assert intake.take_latencies() == []


def test_a_source_of_key_frames_alone_fills_no_memory() -> None:
    intake = Intake()
    intake.begin(0.0)
    feed(intake, seconds=6, gop_s=1 / RATE)
    assert len(intake.take_latencies()) == 64
