"""Takes the small pictures that FFmpeg makes beside a film: a storyboard to wind by, and posters to choose from."""

from streaming.media.package_index import ImageTrack
from streaming.media.package_plan import Posters, Storyboard
from streaming.media.stills import PosterChooser, SheetMaker, StillReader
from streaming.runtime.package_writer import PackageWriter


class StoryboardSink:
    """Takes the pictures of the storyboard, and stores full sheets."""

    _NAME = "storyboard"

    def __init__(self, plan: Storyboard, writer: PackageWriter) -> None:
        self._plan, self._writer = plan, writer
        self._reader, self._maker = StillReader(), SheetMaker(plan)
        self._sheets = self._size = 0

    def take(self, received: bytes) -> None:
        for still in self._reader.feed(received):
            self._store(self._maker.add(still))
        if not received:
            self._store(self._maker.finish())
            if self._sheets:
                self._writer.add_images(self._described())

    def _store(self, sheet: bytes | None) -> None:
        if sheet is not None:
            self._sheets, self._size = self._sheets + 1, self._size + len(sheet)
            self._writer.add_sheet(self._NAME, self._sheets, sheet)

    def _described(self) -> ImageTrack:
        plan = self._plan
        return ImageTrack(
            name=self._NAME,
            width_px=plan.width_px,
            height_px=plan.height_px,
            columns=plan.columns,
            rows=plan.rows,
            interval_s=plan.interval_s,
            sheets=self._sheets,
            size_bytes=self._size,
        )


class PosterSink:
    """Takes frames of the whole film, and stores those that may be posters."""

    def __init__(self, plan: Posters, writer: PackageWriter) -> None:
        self._writer = writer
        self._reader, self._chooser = StillReader(), PosterChooser(plan)

    def take(self, received: bytes) -> None:
        for still in self._reader.feed(received):
            self._chooser.add(still)
        if not received:
            self._writer.add_posters(self._chooser.finish())
