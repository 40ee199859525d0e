import pytest

from streaming.media.media_types import is_replaced, media_type


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("v1/1.m4s", "video/iso.segment"),
        ("v1/init.mp4", "video/mp4"),
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("manifest.mpd", "application/dash+xml"),
        ("th.vtt", "text/vtt; charset=utf-8"),
        ("sheet.webp", "image/webp"),
        ("unknown", "application/octet-stream"),
    ],
)
def test_players_are_told_what_each_file_is(name: str, kind: str) -> None:
    assert media_type(name) == kind


def test_only_what_names_other_files_is_ever_replaced() -> None:
    names = ["master.m3u8", "v1/index.m3u8", "manifest.mpd", "index.json", "v1/1.m4s", "c1/1.vtt", "posters/1.jpg"]

    assert [name for name in names if is_replaced(name)] == names[:4]
