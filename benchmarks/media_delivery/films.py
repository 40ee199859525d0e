"""A film to give out: files of the sizes that a package has, and nothing that could be seen."""

import os
import secrets
from pathlib import Path

SEGMENT_S = 4
SEGMENTS = 900
# 2 Mbit/s of picture and 128 kbit/s of sound.
VIDEO_BYTES, AUDIO_BYTES = 1_000_000, 64_000
# So many different ones; the others are the same under another name. All of them together fit the disk's cache, since
# what is measured is the server and not the disk.
_DIFFERENT = 64
_MASTER = (
    "#EXTM3U\n#EXT-X-VERSION:7\n"
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",DEFAULT=YES,URI="a1/index.m3u8"\n'
    '#EXT-X-STREAM-INF:BANDWIDTH=2200000,CODECS="avc1.64001f,mp4a.40.2",AUDIO="a"\nv480p/index.m3u8\n'
)


def write_film(media: Path) -> str:
    """Write an hour of film below a media folder; return the 32 digits of its package."""
    package = secrets.token_hex(16)
    folder = media / "packages" / package
    for track, size in (("v480p", VIDEO_BYTES), ("a1", AUDIO_BYTES)):
        (folder / track).mkdir(parents=True)
        (folder / track / "init.mp4").write_bytes(os.urandom(800))
        (folder / track / "index.m3u8").write_text(_media_playlist())
        for number in range(1, SEGMENTS + 1):
            path = folder / track / f"{number}.m4s"
            if number <= _DIFFERENT:
                path.write_bytes(os.urandom(size))
            else:
                path.hardlink_to(folder / track / f"{number % _DIFFERENT + 1}.m4s")
    (folder / "master.m3u8").write_text(_MASTER)
    return package


def _media_playlist() -> str:
    head = f'#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{SEGMENT_S}\n#EXT-X-MAP:URI="init.mp4"\n'
    lines = (f"#EXTINF:{SEGMENT_S}.000000,\n{number}.m4s\n" for number in range(1, SEGMENTS + 1))
    return f"{head}{''.join(lines)}#EXT-X-ENDLIST\n"
