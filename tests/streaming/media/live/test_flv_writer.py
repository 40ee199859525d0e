from dataclasses import replace

from streaming.media.live.flv_writer import LONGEST_GAP_MS, Rebaser, begins_picture, is_frame
from streaming.media.live.plan import LivePlan
from streaming.rtmp.amf0 import format_amf0, parse_amf0
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.flv import TAG_HEADER_BYTES
from tests.streaming.media.live.publishing import (
    AAC_HEADER,
    AVC_HEADER,
    AVC_KEY_FRAME,
    FULL_HD,
    audio,
    make_plan,
    script,
    video,
)


def make_rebaser(plan: LivePlan | None = None) -> Rebaser:
    return Rebaser(plan or make_plan())


def times(rebaser: Rebaser, *messages: MediaMessage) -> list[int]:
    """Return the times that the tags of these messages get."""
    tags = [rebaser.tag(message) for message in messages]
    return [int.from_bytes(tag[4:7]) | tag[7] << 24 for tag in tags if tag is not None]


def test_the_file_says_which_tracks_are_to_be_waited_for() -> None:
    header = make_rebaser().header()
    assert header[:13] == b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
    assert parse_amf0(header[13 + TAG_HEADER_BYTES : -4]) == ("onMetaData", {"framerate": 30.0})
    mute = make_plan(replace(FULL_HD, audio_codec=None))
    assert make_rebaser(mute).header()[4] == 1


def test_a_tag_has_the_payload_as_it_came() -> None:
    tag = make_rebaser().tag(video(0, AVC_KEY_FRAME))
    assert tag is not None
    assert (tag[0], tag[TAG_HEADER_BYTES:-4]) == (9, AVC_KEY_FRAME)
    assert int.from_bytes(tag[-4:]) == len(AVC_KEY_FRAME) + TAG_HEADER_BYTES


def test_times_begin_at_zero_whenever_the_encoder_did() -> None:
    assert times(make_rebaser(), video(16_800_000), audio(16_800_010), video(16_800_033)) == [0, 10, 33]


def test_what_lies_a_little_before_the_first_frame_begins_with_it() -> None:
    assert times(make_rebaser(), video(5000), audio(4990), audio(5011)) == [0, 0, 11]


def test_headers_have_no_time_of_their_own() -> None:
    rebaser = make_rebaser()
    assert times(rebaser, video(0, AVC_HEADER), audio(0, AAC_HEADER), video(9000), video(9033)) == [0, 0, 0, 33]
    assert times(rebaser, video(0, AVC_HEADER), video(9066)) == [33, 66]
    assert rebaser.jumps == 0


def test_the_time_of_a_track_never_goes_back() -> None:
    assert times(make_rebaser(), video(1000), video(1100), video(1050), video(1133)) == [0, 100, 100, 133]


def test_a_short_hole_is_left_to_the_encoder_and_a_long_one_is_closed() -> None:
    rebaser = make_rebaser()
    assert times(rebaser, video(0), video(LONGEST_GAP_MS)) == [0, LONGEST_GAP_MS]
    assert rebaser.jumps == 0
    after = LONGEST_GAP_MS + 3_600_000
    assert times(rebaser, video(after), video(after + 33)) == [LONGEST_GAP_MS + 33, LONGEST_GAP_MS + 66]
    assert rebaser.jumps == 1


def test_a_track_that_was_quiet_for_long_comes_back_beside_the_other() -> None:
    rebaser = make_rebaser()
    pictures = times(rebaser, audio(0), *(video(at) for at in range(0, 60_000, 500)))
    assert pictures[-1] == 59_500
    assert times(rebaser, audio(59_500)) == [59_500]
    assert rebaser.jumps == 0


def test_both_tracks_are_taken_over_a_jump_with_their_distance() -> None:
    rebaser = make_rebaser()
    times(rebaser, video(100_000), audio(100_000), video(100_033), audio(100_021))
    # The encoder's clock is set back to zero; one last frame of sound has the old time yet.
    assert times(rebaser, video(0), audio(100_042), video(33), audio(10), audio(31), video(66)) == [
        66,
        42,
        99,
        76,
        97,
        132,
    ]
    assert rebaser.jumps == 1


def test_scripts_and_ends_are_no_business_of_the_encoders() -> None:
    end = b"\x17\x02\x00\x00\x00"
    rebaser = make_rebaser()
    assert rebaser.tag(script(format_amf0("onMetaData", {"duration": 1.0}))) is None
    assert rebaser.tag(video(0, end)) is None


def test_a_track_that_the_plan_does_not_know_is_left_out() -> None:
    mute = make_rebaser(make_plan(replace(FULL_HD, audio_codec=None)))
    assert times(mute, audio(0), video(40), audio(41), video(80)) == [0, 40]


def test_a_decoder_begins_at_a_key_frame() -> None:
    rebaser = make_rebaser()
    key, other, sound, header = map(rebaser.tag, (video(0, AVC_KEY_FRAME), video(1), audio(1), video(0, AVC_HEADER)))
    assert key is not None
    assert other is not None
    assert sound is not None
    assert header is not None
    assert [begins_picture(tag) for tag in (key, other, sound)] == [True, False, False]
    assert [is_frame(tag) for tag in (key, other, sound, header)] == [True, True, True, False]
    assert not is_frame(rebaser.header())
