"""A real FFmpeg publishes what can be passed on, and what cannot: another one copies or encodes it."""

from fractions import Fraction
from pathlib import Path

import pytest
from channels.db import database_sync_to_async

from streaming.media.ladder import Rung
from streaming.media.live.plan import LivePlan, plan_live
from streaming.media.live.source import SourceFormat
from streaming.models import Package, Stream
from tests.factories import make_stream_key
from tests.streaming.media.planning import make_rung
from tests.streaming.origin.live.puppets import the_row
from tests.streaming.origin.live.test_stream_with_ffmpeg import live_origin
from tests.streaming.origin.serving import happens
from tests.streaming.rtmp.test_ffmpeg import ffmpeg

pytestmark = [
    pytest.mark.ffmpeg,
    pytest.mark.asyncio,
    pytest.mark.enable_socket,
    pytest.mark.django_db(transaction=True),
]
BEST, OTHER = make_rung("180p", 320, 180, 2_000_000), make_rung("90p", 160, 90, 300_000)
PICTURE = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -ac 2 -b:a 96k"
# As encoders other than x264 do, it does not say how far apart its key frames are.
UNTOLD = "-bsf:v filter_units=remove_types=6"
SECONDS = 8


async def broadcast(root: Path, words: str, *levels: Rung) -> tuple[Stream, Package]:
    """Broadcast for some seconds; return the stream's row and its recording."""

    def plan(source: SourceFormat) -> LivePlan:
        return plan_live(source=source, levels=levels, cores=2, segment_s=Fraction(2), may_copy=True)

    issued = await database_sync_to_async(make_stream_key)()
    async with live_origin(root, plan) as (hub, server):
        url = f"rtmp://127.0.0.1:{server.port}/live/{issued.secret}"
        async with ffmpeg(url, seconds=SECONDS, is_live=True, codecs=f"{PICTURE} {words}".split()):
            await happens(lambda: any(stream.is_over for stream in hub))
        await next(iter(hub)).close()
    return await the_row(), await database_sync_to_async(Package.objects.get)()


def playlist_of(root: Path, package: Package, rung: str) -> str:
    return (root / package.path / f"v-h264-{rung}" / "index.m3u8").read_text()


@pytest.mark.parametrize("levels", [(BEST, OTHER), (BEST,)])
async def test_what_is_fit_for_it_is_passed_on(levels: tuple[Rung, ...], tmp_path: Path) -> None:
    row, package = await broadcast(tmp_path, "-g 60", *levels)
    assert [quality["is_copied"] for quality in row.qualities] == [True, False][: len(levels)]
    assert (row.end_reason, row.warnings) == (Stream.EndReason.UNPUBLISHED, [])
    assert package.duration_s == pytest.approx(SECONDS, abs=0.3)
    assert playlist_of(tmp_path, package, "320x180").count("EXT-X-MAP") == 1


async def test_key_frames_that_are_said_to_be_rare_are_encoded_anew_at_once(tmp_path: Path) -> None:
    row, package = await broadcast(tmp_path, "-g 250", BEST)
    assert [quality["is_copied"] for quality in row.qualities] == [False]
    assert row.warnings == ["key-frames-too-rare"]
    assert package.duration_s == pytest.approx(SECONDS, abs=0.3)
    assert playlist_of(tmp_path, package, "320x180").count("EXT-X-MAP") == 1


async def test_key_frames_that_turn_out_to_be_rare_are_encoded_from_then_on(tmp_path: Path) -> None:
    row, package = await broadcast(tmp_path, f"-g 250 -force_key_frames 2,4 {UNTOLD}", BEST, OTHER)
    assert [quality["is_copied"] for quality in row.qualities] == [False, False]
    assert row.warnings == ["key-frames-too-rare"]
    # Nothing is lost, and nothing comes twice: what came since the last key frame is encoded where the copy ends.
    assert package.duration_s == pytest.approx(SECONDS, abs=0.4)
    assert playlist_of(tmp_path, package, "320x180").count("EXT-X-MAP") == 2


async def test_more_than_viewers_are_told_is_encoded_anew(tmp_path: Path) -> None:
    row, package = await broadcast(tmp_path, "-g 60 -qp 12", make_rung("180p", 320, 180, 300_000))
    assert row.warnings == ["bitrate-too-high"]
    assert [quality["is_copied"] for quality in row.qualities] == [False]
    assert package.duration_s == pytest.approx(SECONDS, abs=0.4)
