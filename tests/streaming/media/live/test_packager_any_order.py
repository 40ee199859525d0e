"""The live packager with bytes in any order, in any slices, and with bytes that are wrong."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.media.errors import MediaFault
from streaming.media.live.ready import InitReady, PartReady, Ready, SegmentReady
from tests.streaming.media.live.feeding import CLOCK_S, HIGH, LOW, SOUND, begun, header, picture, run_of, sound

PIPES = {
    HIGH.name: header(HIGH) + picture(50),
    LOW.name: header(LOW) + picture(50),
    SOUND.name: header(SOUND) + sound(80),
}


def made(ready: list[Ready]) -> list[tuple[str, bytes]]:
    return [(item.name, item.content) for item in ready if isinstance(item, PartReady | SegmentReady)]


def whole() -> list[tuple[str, bytes]]:
    packager = begun()
    ready = [item for name, content in PIPES.items() for item in packager.feed(name, content)]
    return made([*ready, *packager.end_epoch()])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(PIPES)), st.integers(1, 3000)), max_size=60))
def test_what_comes_out_does_not_depend_on_how_it_goes_in(turns: list[tuple[str, int]]) -> None:
    packager, left = begun(), dict(PIPES)
    ready: list[Ready] = []
    for name, size in (*turns, *((name, 1 << 20) for name in PIPES)):
        ready += packager.feed(name, left[name][:size])
        left[name] = left[name][size:]
    assert made([*ready, *packager.end_epoch()]) == whole()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(PIPES)), st.floats(0, 1), st.binary(min_size=1, max_size=8))
def test_wrong_bytes_end_the_run_and_nothing_else(name: str, share: float, wrong: bytes) -> None:
    packager = begun()
    at = int(share * (len(PIPES[name]) - len(wrong)))
    pipes = PIPES | {name: PIPES[name][:at] + wrong + PIPES[name][at + len(wrong) :]}
    ready: list[Ready] = []
    with suppress(MediaFault):
        for each, content in pipes.items():
            ready += packager.feed(each, content)
    ready += packager.end_epoch()
    packager.begin_epoch(wall_clock_s=CLOCK_S + 60)
    with suppress(MediaFault):
        # A header that counts time in another way than before is refused.
        ready += run_of(packager, 1)
    ready += packager.end_epoch()
    for track in PIPES:
        segments = [item for item in ready if isinstance(item, SegmentReady) and item.track == track]
        assert [item.msn for item in segments] == list(range(1, len(segments) + 1))
        assert len({item.name for item in ready if isinstance(item, PartReady) and item.track == track}) == len(
            [item for item in ready if isinstance(item, PartReady) and item.track == track]
        )
    assert all(item.content for item in ready if not isinstance(item, InitReady))
