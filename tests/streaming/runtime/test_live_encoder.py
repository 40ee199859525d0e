"""The live encoder on a real event loop, with the real FFmpeg and with programs that misbehave."""

import asyncio
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from streaming.media.fragments import Fragment, FragmentReader
from streaming.media.live.command import LiveTools
from streaming.media.live.flv_writer import Rebaser
from streaming.media.live.plan import LivePlan
from streaming.media.live.source import SourceFormat, source_format
from streaming.media.progress import FailureCode
from streaming.media.sample_entries import Picture, Sound
from streaming.media.tracks import Track
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.flv import AudioTag, VideoCodec, VideoTag
from streaming.runtime.limits import Limits
from streaming.runtime.live_encoder import Exit, LiveEncoder
from tests.streaming.media.live.publishing import AVC_FRAME, AVC_KEY_FRAME, make_plan, messages_of, video
from tests.streaming.media.planning import make_rung
from tests.streaming.media.sources import FFMPEG, make_film

pytestmark = pytest.mark.asyncio
LADDER = (make_rung("72p", 128, 72, 300_000), make_rung("36p", 64, 36, 100_000))
SECONDS = 3
SENT = (
    f"-f lavfi -i testsrc2=s=128x72:r=30:d={SECONDS} -f lavfi -i sine=d={SECONDS}:sample_rate=44100 "
    "-c:v libx264 -preset ultrafast -bf 2 -g 45 -pix_fmt yuv420p -c:a aac -ac 1"
)
QUICK = Limits(wall_s=0, silence_s=0, memory_bytes=2 * 1024**3, grace_s=0.3)
PATIENT = replace(QUICK, grace_s=60)


class Taken:
    """Keeps what comes out of an encoder."""

    def __init__(self) -> None:
        self.pipes: dict[str, bytearray] = {}
        self.exits: list[Exit] = []

    def received(self, name: str, content: bytes) -> None:
        self.pipes.setdefault(name, bytearray()).extend(content)

    def ended(self, exit_: Exit) -> None:
        self.exits.append(exit_)

    def items(self, name: str) -> tuple[Track, list[Fragment]]:
        track, *fragments = FragmentReader().feed(bytes(self.pipes[name]))
        assert isinstance(track, Track)
        return track, [fragment for fragment in fragments if isinstance(fragment, Fragment)]

    def times(self, name: str) -> list[float]:
        """Return when each frame of a track is decoded, in seconds."""
        track, fragments = self.items(name)
        return [fragment.decode_time / track.timescale for fragment in fragments]

    def keys(self, name: str) -> list[float]:
        track, fragments = self.items(name)
        return [item.decode_time / track.timescale for item in fragments if item.samples[0].is_sync]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> list[MediaMessage]:
    film = make_film(tmp_path_factory.mktemp("sent"), SENT, name="sent.flv")
    return list(messages_of(film.read_bytes()))


def plan_of(messages: Iterable[MediaMessage]) -> LivePlan:
    return make_plan(source_format(messages), levels=LADDER, cores=2)


async def encode(messages: Iterable[MediaMessage], plan: LivePlan) -> Taken:
    """Encode all of it as fast as it goes, and let it end."""
    taken, rebaser = Taken(), Rebaser(plan)
    encoder = await LiveEncoder.start(plan, taken, tools=LiveTools(ffmpeg=FFMPEG), limits=PATIENT)
    encoder.write(rebaser.header())
    for message in messages:
        if tag := rebaser.tag(message):
            encoder.write(tag)
    await encoder.stop()
    assert encoder.dropped_tags == 0
    return taken


def program(folder: Path, *lines: str) -> LiveTools:
    """Write a program that does this instead of encoding."""
    path = folder / "ffmpeg"
    path.write_text("\n".join((f"#!{sys.executable}", "import os, signal, sys, time", *lines)))
    path.chmod(0o755)
    return LiveTools(ffmpeg=str(path))


async def until_ended(taken: Taken) -> Exit:
    async with asyncio.timeout(60):
        while not taken.exits:
            await asyncio.sleep(0.01)
    return taken.exits[0]


@pytest.mark.ffmpeg
async def test_each_frame_comes_out_of_each_rung_and_groups_are_cut_alike(sent: list[MediaMessage]) -> None:
    plan = plan_of(sent)
    taken = await encode(sent, plan)
    first, second, sound = plan.tracks
    assert taken.keys(first) == taken.keys(second) == [0, 2]
    assert taken.times(first) == taken.times(second)
    # The source's two B-frames put its first picture 66 ms behind its clock's beginning.
    assert taken.times(first)[-1] == pytest.approx(SECONDS, abs=0.11)
    assert len(taken.times(first)) == pytest.approx(30 * SECONDS, abs=4)
    assert {len(fragment.samples) for fragment in taken.items(first)[1]} == {1}
    assert taken.times(sound)[0] == pytest.approx(-1024 / 48_000)
    assert taken.times(sound)[-1] == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.ffmpeg
async def test_what_comes_out_is_what_the_plan_says(sent: list[MediaMessage]) -> None:
    plan = plan_of(sent)
    taken = await encode(sent[:60], plan)
    first, second, sound = (taken.items(name)[0].media for name in plan.tracks)
    assert isinstance(first, Picture)
    assert isinstance(second, Picture)
    assert isinstance(sound, Sound)
    assert [(picture.width_px, picture.height_px) for picture in (first, second)] == [(128, 72), (64, 36)]
    assert (sound.sample_rate_hz, sound.channels) == (48_000, 2)
    (done,) = taken.exits
    assert (done.status, done.cause, done.was_asked) == (0, None, True)
    assert done.cpu_s > 0
    assert done.peak_memory_bytes > 1_000_000


@pytest.mark.ffmpeg
async def test_sound_that_never_comes_has_a_header_all_the_same(sent: list[MediaMessage]) -> None:
    pictures = [message for message in sent if not isinstance(message.header, AudioTag)]
    plan = plan_of(pictures)
    taken = await encode(pictures, plan)
    assert taken.exits[0].status == 0
    assert isinstance(taken.items("a1-stereo")[0].media, Sound)
    assert taken.times("a1-stereo")[-1] < 0.2
    assert taken.times(plan.tracks[0])[-1] == pytest.approx(SECONDS, abs=0.11)


@pytest.mark.ffmpeg
async def test_sound_alone_is_encoded(sent: list[MediaMessage]) -> None:
    sounds = [message for message in sent if not isinstance(message.header, VideoTag)]
    taken = await encode(sounds, plan_of(sounds))
    assert list(taken.pipes) == ["a1-stereo"]
    assert taken.times("a1-stereo")[-1] == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.ffmpeg
async def test_lost_frames_are_made_up_for(sent: list[MediaMessage]) -> None:
    plan = plan_of(sent)
    # The second group of pictures begins at 1.5 s: what is lost before it is missing from nothing else.
    held = [item for item in sent if not (isinstance(item.header, VideoTag) and 1000 < item.timestamp_ms < 1500)]
    taken = await encode(held, plan)
    times = taken.times(plan.tracks[0])
    gaps = {round(later - earlier, 3) for earlier, later in pairwise(times)}
    assert gaps == {0.033}
    assert taken.keys(plan.tracks[0]) == [0, 2]


@pytest.mark.ffmpeg
async def test_a_picture_of_another_size_goes_into_the_same_rungs(sent: list[MediaMessage], tmp_path: Path) -> None:
    # All of it at once is no more than may wait.
    command = SENT.replace("128x72", "96x54").replace(f"d={SECONDS}", "d=0.9")
    small = make_film(tmp_path, command, name="small.flv").read_bytes()
    later = [replace(item, timestamp_ms=item.timestamp_ms + SECONDS * 1000) for item in messages_of(small)]
    plan = plan_of(sent)
    taken = await encode([*sent, *later], plan)
    assert taken.exits[0].status == 0
    assert taken.times(plan.tracks[0]) == taken.times(plan.tracks[1])
    assert taken.times(plan.tracks[0])[-1] == pytest.approx(SECONDS + 0.9, abs=0.15)
    assert taken.keys(plan.tracks[0]) == [0, 2]


@pytest.mark.ffmpeg
async def test_rubbish_in_a_frame_ends_nothing(sent: list[MediaMessage]) -> None:
    plan = plan_of(sent)
    broken = [
        replace(item, payload=item.payload[:9] + bytes(len(item.payload) - 9)) if number % 7 == 3 else item
        for number, item in enumerate(sent)
    ]
    taken = await encode(broken, plan)
    assert taken.exits[0].status == 0
    assert taken.times(plan.tracks[0])[-1] > 2


async def test_one_that_dies_is_told_with_its_last_words(tmp_path: Path) -> None:
    taken = Taken()
    tools = program(tmp_path, "print('Cannot allocate memory', file=sys.stderr)", "sys.exit(3)")
    encoder = await LiveEncoder.start(make_plan(), taken, tools=tools, limits=QUICK)
    done = await until_ended(taken)
    assert (done.status, done.cause, done.was_asked) == (3, FailureCode.MEMORY, False)
    assert done.stderr_tail == ("Cannot allocate memory",)
    # Who feeds it may not know yet.
    encoder.write(b"FLV")
    await encoder.stop()
    assert len(taken.exits) == 1


async def test_a_program_that_is_not_there_is_an_end_like_any(tmp_path: Path) -> None:
    taken = Taken()
    await LiveEncoder.start(make_plan(), taken, tools=LiveTools(ffmpeg=str(tmp_path / "none")), limits=QUICK)
    assert (await until_ended(taken)).status != 0


@pytest.mark.parametrize(("manners", "status"), [("", -15), ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", -9)])
async def test_one_that_does_not_end_by_itself_is_ended(manners: str, status: int, tmp_path: Path) -> None:
    taken, ready = Taken(), tmp_path / "ready"
    tools = program(tmp_path, manners, f"open({str(ready)!r}, 'w').close()", "time.sleep(600)")
    encoder = await LiveEncoder.start(make_plan(), taken, tools=tools, limits=QUICK)
    async with asyncio.timeout(60):
        while not ready.exists():
            await asyncio.sleep(0.01)
    await encoder.stop()
    assert taken.exits[0].status == status
    assert not psutil.pid_exists(encoder.pid)


async def test_one_that_is_behind_is_waited_for_as_long_as_it_brings_something(tmp_path: Path) -> None:
    taken = Taken()
    slow = "for _ in range(6): time.sleep(0.4); os.write(int(sys.argv[-1].removeprefix('pipe:')), b'frame')"
    tools = program(tmp_path, "while os.read(0, 1000): pass", slow)
    encoder = await LiveEncoder.start(make_plan(), taken, tools=tools, limits=replace(QUICK, grace_s=1.2))
    await encoder.stop()
    assert taken.exits[0].status == 0
    assert b"".join(taken.pipes.values()) == 6 * b"frame"


async def test_one_that_has_closed_its_pipes_but_stays_is_killed(tmp_path: Path) -> None:
    taken = Taken()
    tools = program(tmp_path, "os.closerange(0, 100)", "time.sleep(600)")
    await LiveEncoder.start(make_plan(), taken, tools=tools, limits=QUICK)
    assert (await until_ended(taken)).status == -9


async def test_it_knows_nothing_of_our_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVA_SECRET", "hush")
    taken = Taken()
    tools = program(
        tmp_path, "print(sorted(set(os.environ) - {'LC_CTYPE'}), os.getsid(0) == os.getpid(), file=sys.stderr)"
    )
    await LiveEncoder.start(make_plan(), taken, tools=tools, limits=QUICK)
    done = await until_ended(taken)
    assert done.stderr_tail == ("['PATH'] True",)


async def test_one_that_does_not_keep_up_is_spared_until_the_next_key_frame(tmp_path: Path) -> None:
    go = tmp_path / "go"
    tools = program(
        tmp_path,
        f"while not os.path.exists({str(go)!r}): time.sleep(0.01)",
        "while data := os.read(0, 1 << 20): os.write(int(sys.argv[-1].removeprefix('pipe:')), data)",
    )
    taken = Taken()
    plan = make_plan(SourceFormat(video_codec=VideoCodec.AVC, width_px=64, height_px=36, frame_rate=Fraction(30)))
    encoder = await LiveEncoder.start(plan, taken, tools=tools, limits=PATIENT)
    rebaser = Rebaser(plan)
    large = AVC_FRAME + bytes(500_000)
    for number in range(60):
        encoder.write(rebaser.tag(video(number, large)) or b"")
    # More than a dozen megabytes wait; the rest was dropped, and nobody was held up.
    dropped = encoder.dropped_tags
    assert 25 < dropped < 50
    encoder.write(rebaser.tag(video(60, AVC_KEY_FRAME)) or b"")
    assert encoder.dropped_tags == dropped + 1
    go.touch()
    async with asyncio.timeout(60):
        while sum(map(len, taken.pipes.values())) < (60 - dropped) * 500_000:
            await asyncio.sleep(0.01)
    encoder.write(rebaser.tag(video(61)) or b"")
    encoder.write(rebaser.tag(video(62, AVC_KEY_FRAME)) or b"")
    encoder.write(rebaser.tag(video(63)) or b"")
    await encoder.stop()
    assert encoder.dropped_tags == dropped + 2
    assert b"".join(taken.pipes.values()).count(AVC_KEY_FRAME) == 1


async def test_nothing_is_left_open(sent: list[MediaMessage]) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        taken = await encode(sent[:20], plan_of(sent))
        assert len(taken.exits) == 1
    assert len(os.listdir("/proc/self/fd")) == before
