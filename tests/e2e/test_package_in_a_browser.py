"""A package is played by a real browser, without any player: as its files are, through Media Source Extensions."""

from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from streaming.media.packager import AudioOutput, VideoOutput
from streaming.media.segmenter import TIMELINE_START_S
from tests.e2e.serving import served
from tests.streaming.media.clips import Clip, make_source, tracks_of
from tests.streaming.media.packing import pack

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg]

# Feeds all segments, plays to the end, and tells what the browser made of it.
PLAY = """async ({tracks, start_s, patience_ms}) => {
  const video = document.querySelector("video");
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  const once = (target, name) => new Promise((done) => target.addEventListener(name, done, {once: true}));
  await once(source, "sourceopen");
  const buffers = tracks.map((track) => source.addSourceBuffer(track.type));
  for (const [index, track] of tracks.entries()) {
    buffers[index].timestampOffset = -start_s;
    for (const file of track.files) {
      const content = await (await fetch(file)).arrayBuffer();
      const appended = once(buffers[index], "updateend");
      buffers[index].appendBuffer(content);
      await appended;
    }
  }
  const ranges = buffers.map((buffer) => Array.from({length: buffer.buffered.length}, (_, i) => [
    buffer.buffered.start(i), buffer.buffered.end(i)]));
  source.endOfStream();
  const ended = once(video, "ended");
  await video.play();
  await Promise.race([ended, new Promise((done) => setTimeout(done, patience_ms))]);
  return {ranges, ended: video.ended, error: video.error && video.error.message,
          frames: video.getVideoPlaybackQuality().totalVideoFrames, width: video.videoWidth};
}"""


@pytest.mark.parametrize(
    "clip",
    [
        Clip(rate="30000/1001", seconds=4, gop=30, b_frames=3, sound_rate=44100),
        Clip(rate="24000/1001", seconds=3, gop=24, b_frames=0, channels=1),
    ],
    ids=["29.97 fps with B-frames and 44.1 kHz", "23.976 fps without, and mono"],
)
def test_chromium_plays_a_package_without_a_gap(tmp_path: Path, browser: Browser, clip: Clip) -> None:
    video, audio = tracks_of(make_source(tmp_path, clip))
    folder = tmp_path / "package"
    tracks: dict[VideoOutput | AudioOutput, bytes] = {
        VideoOutput(name="video", frame_rate=Fraction(clip.rate)): video,
        AudioOutput(name="audio", label="English"): audio,
    }
    index = pack(folder, tracks, segment_s=Fraction(1), target_duration_s=1)
    (folder / "index.html").write_text("<!doctype html><title>A package</title><link rel=icon href='data:,'><video>")
    given = [
        {
            "type": f'{kind}/mp4; codecs="{track.codec}"',
            "files": [f"{track.name}/{name}" for name in ("init.mp4", *(f"{n}.m4s" for n in numbers(track.segments)))],
        }
        for kind, track in zip(("video", "audio"), index.media(), strict=True)
    ]
    with served(folder) as address:
        page = browser.new_page()
        page.goto(address)
        found = page.evaluate(PLAY, {"tracks": given, "start_s": TIMELINE_START_S, "patience_ms": 30_000})
        page.close()
    assert found["error"] is None
    assert found["ended"]
    assert found["width"] == 192
    assert found["frames"] == round(clip.seconds * Fraction(clip.rate))
    # One range each, from the very beginning: priming is cut off, and no frame of the picture comes late.
    (seen,), (heard,) = found["ranges"]
    assert seen == pytest.approx([0, float(index.video[0].end_s)], abs=0.001)
    assert heard == pytest.approx([0, float(index.audio[0].end_s)], abs=0.03)


def numbers(segments: tuple[object, ...]) -> range:
    return range(1, len(segments) + 1)
