"""What the real FFmpeg passes on of a broadcast, beside what it encodes of it, cut by the live packager."""

import asyncio
from fractions import Fraction
from pathlib import Path

import pytest

from streaming.media.fragments import Fragment, FragmentReader
from streaming.media.live.command import LiveTools
from streaming.media.live.flv_writer import Rebaser
from streaming.media.live.packager import LivePackager
from streaming.media.live.plan import LiveNote, LivePlan
from streaming.media.live.ready import InitReady, SegmentReady
from streaming.media.live.recording import Recording
from streaming.media.live.source import source_format
from streaming.media.live.timing import LiveTiming
from streaming.media.packager import File
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.flv import AudioTag, Part, VideoTag
from streaming.runtime.live_encoder import LiveEncoder
from tests.streaming.media.conformance import check_package
from tests.streaming.media.live.feeding import parts_of, segments_of
from tests.streaming.media.live.publishing import make_plan, messages_of
from tests.streaming.media.packing import write_files, write_playlists
from tests.streaming.media.planning import make_rung
from tests.streaming.media.sources import FFMPEG, make_film
from tests.streaming.runtime.test_live_package import CLOCK_S, PATIENT, Cut

pytestmark = [pytest.mark.ffmpeg, pytest.mark.asyncio]
LADDER = (make_rung("72p", 128, 72, 1_000_000), make_rung("36p", 64, 36, 300_000))
ALONE = LADDER[:1]


def broadcast(
    folder: Path, words: str, *, rate: str = "30", seconds: float = 9, sound: str = "-c:a aac -ac 2 -b:a 96k"
) -> list[MediaMessage]:
    """Return what an encoder sends that is told these words."""
    film = make_film(
        folder,
        f"-f lavfi -i testsrc2=s=128x72:r={rate}:d={seconds} -f lavfi -i sine=d={seconds}:sample_rate=48000 "
        f"-c:v libx264 -preset ultrafast -pix_fmt yuv420p {words} {sound}",
        name="sent.flv",
    )
    return list(messages_of(film.read_bytes()))


def plan_of(sent: list[MediaMessage], levels: tuple[object, ...] = LADDER) -> LivePlan:
    return make_plan(source_format(sent), levels=levels, cores=2, may_copy=True)


async def cut_of(plan: LivePlan, sent: list[MediaMessage]) -> Cut:
    """Send it as fast as it is made something of: an encoder that is fed more would be spared some."""
    cut, rebaser = Cut(LivePackager(plan.outputs, LiveTiming())), Rebaser(plan)
    cut.packager.begin_epoch(wall_clock_s=CLOCK_S, copied_rate=plan.frame_rate if plan.copies else None)
    encoder = await LiveEncoder.start(plan, cut, tools=LiveTools(ffmpeg=FFMPEG), limits=PATIENT)
    encoder.write(rebaser.header())
    async with asyncio.timeout(60):
        for message in sent:
            if tag := rebaser.tag(message):
                encoder.write(tag)
            while rebaser.front_s > cut.made_s + float(plan.skip_s) + 1.5:
                await asyncio.sleep(0.005)
    await encoder.stop()
    cut.ready += cut.packager.end_epoch()
    return cut


def frames_sent(sent: list[MediaMessage], kind: type[AudioTag | VideoTag]) -> list[bytes]:
    return [
        message.payload[message.header.body_offset :]
        for message in sent
        if isinstance(message.header, kind) and message.header.part is Part.CODED_FRAMES
    ]


def frames_shown(cut: Cut, track: str) -> list[bytes]:
    """Return the samples of a track, in their order."""
    reader, found = FragmentReader(), list[bytes]()
    (init,) = (item for item in cut.ready if isinstance(item, InitReady) and item.track == track)
    reader.feed(init.content)
    for segment in segments_of(cut.ready, track):
        for fragment in reader.feed(segment.content):
            assert isinstance(fragment, Fragment)
            at = 0
            for sample in fragment.samples:
                found.append(bytes(fragment.payload[at : at + sample.size]))
                at += sample.size
    return found


def lengths_of(cut: Cut, track: str) -> list[float]:
    return [round(float(segment.duration_s), 2) for segment in segments_of(cut.ready, track)]


def check_made(cut: Cut, plan: LivePlan, folder: Path) -> None:
    recording = Recording(plan.outputs, LiveTiming())
    recording.add(cut.ready)
    stored = {item.name: item.content for item in cut.ready if isinstance(item, InitReady | SegmentReady)}
    write_files(folder, tuple(File(name, content) for name, content in stored.items()))
    write_playlists(folder, recording.index(is_whole=True))
    check_package(folder)


@pytest.mark.parametrize(
    ("words", "rate", "lengths"),
    [
        ("-g 60 -sc_threshold 0", "30", [2, 2, 2, 2]),
        ("-g 60 -sc_threshold 0 -bf 3", "30", [2, 2, 2, 2]),
        ("-g 50 -sc_threshold 0", "25", [2, 2, 2, 2]),
        ("-g 60 -sc_threshold 0", "30000/1001", [2, 2, 2, 2]),
        ("-g 45 -sc_threshold 0", "30", [1.5, 1.5, 1.5, 1.5, 1.5]),
        ("-g 60 -force_key_frames 0.9,3.2,3.4,5.4", "30", [0.9, 2.0, 0.5, 2.0, 2.0]),
    ],
)
async def test_what_is_passed_on_is_what_was_sent(words: str, rate: str, lengths: list[float], tmp_path: Path) -> None:
    sent = broadcast(tmp_path, words, rate=rate)
    plan = plan_of(sent)
    best, other, sound = plan.tracks
    assert [*(track.is_copy for track in plan.video), plan.audio.is_copy] == [True, False, True]
    cut = await cut_of(plan, sent)
    shown = frames_shown(cut, best)
    assert shown == frames_sent(sent, VideoTag)[: len(shown)]
    assert len(shown) > 8.5 * Fraction(rate)
    # Sound of before the first picture is left out; silence fills up the end.
    heard, played = frames_shown(cut, sound)[:-5], frames_sent(sent, AudioTag)
    assert played[played.index(heard[0]) :][: len(heard)] == heard
    assert played.index(heard[0]) < 6
    assert lengths_of(cut, best)[: len(lengths)] == pytest.approx(lengths, abs=0.01)
    for part, beside in zip(parts_of(cut.ready, best), parts_of(cut.ready, other), strict=True):
        assert part.duration_s <= cut.packager.timing.part_target_s
        assert abs(part.start_s - beside.start_s) < Fraction(1, 50)
    check_made(cut, plan, tmp_path / "package")


async def test_the_only_quality_of_a_small_stream_is_not_even_decoded(tmp_path: Path) -> None:
    sent = broadcast(tmp_path, "-g 60 -sc_threshold 0")
    plan = plan_of(sent, ALONE)
    assert all(track.is_copy for track in plan.video)
    cut = await cut_of(plan, sent)
    shown = frames_shown(cut, plan.tracks[0])
    assert shown == frames_sent(sent, VideoTag)[: len(shown)]
    check_made(cut, plan, tmp_path / "package")


async def test_where_a_stream_goes_on_behind_a_copy_nothing_is_shown_twice(tmp_path: Path) -> None:
    sent = broadcast(tmp_path, "-g 60 -sc_threshold 0", seconds=4)
    plan = plan_of(sent).encoded(LiveNote.FRAMES_UNEVEN).behind(Fraction(3, 2))
    cut = await cut_of(plan, sent)
    assert cut.made_s == pytest.approx(2.5, abs=0.1)
    check_made(cut, plan, tmp_path / "package")


@pytest.mark.parametrize(
    ("words", "sound", "are_copies"),
    [
        ("-g 250", "-c:a aac -ac 2 -b:a 96k", (False, False)),
        ("-g 60 -x264-params interlaced=1", "-c:a aac -ac 2 -b:a 96k", (False, False)),
        ("-g 60 -x264-params open-gop=1:bframes=3", "-c:a aac -ac 2 -b:a 96k", (True, True)),
        ("-g 60 -b:v 1200k", "-c:a aac -ac 2 -b:a 96k", (False, False)),
        ("-g 60 -vf setsar=4/3", "-c:a aac -ac 2 -b:a 96k", (False, False)),
        ("-g 60", "-c:a aac -ac 1 -b:a 64k", (True, False)),
        ("-g 60", "-c:a aac -ac 2 -b:a 192k", (True, False)),
        ("-g 60", "-c:a aac -ac 2 -ar 44100", (True, False)),
        ("-g 60", "-an", (True, False)),
    ],
)
async def test_what_is_passed_on(words: str, sound: str, are_copies: tuple[bool, bool], tmp_path: Path) -> None:
    plan = plan_of(broadcast(tmp_path, words, seconds=0.5, sound=sound))
    assert (plan.copies, plan.audio.is_copy) == are_copies
