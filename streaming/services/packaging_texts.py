"""Takes the subtitles that FFmpeg finds in a film."""

from streaming.media.texts import has_cues

# An opera of six hours with every word of it has a tenth of this; whoever fills a track with more wants our memory.
_LONGEST = 8 * 1024 * 1024


class TextSink:
    """Takes the bytes of one track's WebVTT; of one that is too long nothing is kept."""

    def __init__(self, *, longest: int = _LONGEST) -> None:
        self._longest = longest
        self._content = bytearray()
        self.is_too_long = False

    def take(self, received: bytes) -> None:
        if len(self._content) + len(received) > self._longest:
            self.is_too_long = True
            self._content.clear()
        if not self.is_too_long:
            self._content += received

    def webvtt(self) -> str | None:
        """Return what has come; None if there is nothing to read in it."""
        words = self._content.decode(errors="replace")
        return words if has_cues(words) else None
