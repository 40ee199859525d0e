"""What the real FFmpeg makes of a broadcast, cut by the live packager, is a package that all checks pass."""

from fractions import Fraction
from pathlib import Path

import pytest

from streaming.media.live.command import LiveTools
from streaming.media.live.flv_writer import Rebaser
from streaming.media.live.packager import LivePackager
from streaming.media.live.plan import LivePlan
from streaming.media.live.ready import InitReady, PartReady, Ready, SegmentReady
from streaming.media.live.recording import Recording
from streaming.media.live.source import source_format
from streaming.media.live.timing import LiveTiming
from streaming.media.packager import File
from streaming.rtmp.events import MediaMessage
from streaming.runtime.limits import Limits
from streaming.runtime.live_encoder import Exit, LiveEncoder
from tests.streaming.media.conformance import check_package
from tests.streaming.media.live.publishing import make_plan, messages_of
from tests.streaming.media.packing import write_files, write_playlists
from tests.streaming.media.planning import make_rung
from tests.streaming.media.sources import FFMPEG, make_film

LADDER = (make_rung("72p", 128, 72, 300_000), make_rung("36p", 64, 36, 100_000))
SECONDS = 5
SENT = (
    f"-f lavfi -i testsrc2=s=128x72:r=30:d={SECONDS} -f lavfi -i sine=d={SECONDS}:sample_rate=44100 "
    "-c:v libx264 -preset ultrafast -bf 2 -g 45 -pix_fmt yuv420p -c:a aac -ac 1"
)
PATIENT = Limits(wall_s=0, silence_s=0, memory_bytes=2 * 1024**3, grace_s=60)
CLOCK_S = 1_800_000_000


class Cut:
    """Cuts what an encoder writes as soon as it comes."""

    def __init__(self, packager: LivePackager) -> None:
        self.packager = packager
        self.ready: list[Ready] = []
        self.exits: list[Exit] = []

    def received(self, name: str, content: bytes) -> None:
        self.ready += self.packager.feed(name, content)

    def ended(self, exit_: Exit) -> None:
        self.exits.append(exit_)

    @property
    def made_s(self) -> float:
        """How much of this run has come out."""
        parts = [item for item in self.ready if isinstance(item, PartReady)]
        return float(parts[-1].end_s - parts[-1].epoch.start_s) if parts else 0.0


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> list[MediaMessage]:
    film = make_film(tmp_path_factory.mktemp("sent"), SENT, name="sent.flv")
    return list(messages_of(film.read_bytes()))


async def run_encoder(cut: Cut, plan: LivePlan, messages: list[MediaMessage], *, at_s: int) -> None:
    cut.packager.begin_epoch(
        wall_clock_s=at_s,
        silent=() if plan.has_sound else {plan.audio.name},
        copied_rate=plan.frame_rate if plan.copies else None,
    )
    rebaser = Rebaser(plan)
    encoder = await LiveEncoder.start(plan, cut, tools=LiveTools(ffmpeg=FFMPEG), limits=PATIENT)
    encoder.write(rebaser.header())
    for message in messages:
        if tag := rebaser.tag(message):
            encoder.write(tag)
    await encoder.stop()
    cut.ready += cut.packager.end_epoch()


@pytest.mark.ffmpeg
@pytest.mark.asyncio
async def test_two_runs_of_the_encoder_are_one_package(sent: list[MediaMessage], tmp_path: Path) -> None:
    plan = make_plan(source_format(sent), levels=LADDER, cores=2)
    cut = Cut(LivePackager(plan.outputs, LiveTiming()))
    recording = Recording(plan.outputs, LiveTiming())
    for at_s in (CLOCK_S, CLOCK_S + 20):
        await run_encoder(cut, plan, sent, at_s=at_s)
    recording.add(cut.ready)
    stored = {item.name: item.content for item in cut.ready if isinstance(item, InitReady | SegmentReady)}
    write_files(tmp_path, tuple(File(name, content) for name, content in stored.items()))
    index = recording.index(is_whole=True)
    write_playlists(tmp_path, index)
    assert len(index.video) == 2
    assert abs(index.duration_s - 2 * SECONDS) < Fraction(1, 2)
    check_package(tmp_path)
