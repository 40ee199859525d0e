from pathlib import Path

from streaming.media.streams import Hdr
from streaming.media.tone_mapping import format_table
from streaming.runtime.tone_table import tone_table


def test_a_table_is_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    made = tone_table(Hdr.HLG, folder=folder)
    assert made.read_text() == format_table(Hdr.HLG)

    made.write_text("kept")

    assert tone_table(Hdr.HLG, folder=folder).read_text() == "kept"
    assert [path.name for path in folder.iterdir()] == [made.name]


def test_each_kind_of_light_has_its_own(tmp_path: Path) -> None:
    assert tone_table(Hdr.HLG, folder=tmp_path) != tone_table(Hdr.HDR10, folder=tmp_path)
