"""What an encoder sends before anything can be made of it: headers, and the media from its first key frame on."""

from collections import deque

from streaming.media.live.flv_writer import LONGEST_GAP_MS
from streaming.rtmp.codecs import AudioConfiguration, VideoConfiguration
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.flv import AudioCodec, AudioTag, Part, VideoCodec, VideoTag
from streaming.rtmp.metadata import ScriptTag

# An encoder that sends both begins with both: who has sent one alone for so long has no other.
_SECOND_TRACK_WITHIN_MS = 2_000
# Longer than between two key frames of any encoder that means to be seen live.
_KEY_FRAME_WITHIN_MS = 20_000
_MOST_BYTES = 24 * 1024 * 1024


class _Passed:
    """How long media has lasted, by its timestamps: what they jump over is not counted, neither forth nor back."""

    def __init__(self) -> None:
        self.ms = 0
        self._front_ms: int | None = None

    @property
    def has_begun(self) -> bool:
        return self._front_ms is not None

    def reach(self, timestamp_ms: int) -> None:
        front_ms = timestamp_ms if self._front_ms is None else self._front_ms
        step_ms = timestamp_ms - front_ms
        if abs(step_ms) > LONGEST_GAP_MS:
            self._front_ms = timestamp_ms
            return
        # One track is a little behind the other.
        self.ms += max(0, step_ms)
        self._front_ms = max(front_ms, timestamp_ms)


class Opening:
    """Collects until it is known what comes. Then `take_all` gives what an encoder of ours has to be fed first.

    Attributes:
        audio_codec, video_codec: None while none was seen.
        is_hopeless: pictures come, but no key frame: nobody can decode them.
        shown_s: how much of the media that is held has been shown already.
    """

    def __init__(self) -> None:
        self.video_codec: VideoCodec | None = None
        self.audio_codec: AudioCodec | None = None
        self.video: VideoConfiguration | None = None
        self.audio: AudioConfiguration | None = None
        self.is_hopeless = False
        self.shown_s = 0.0
        self._headers: dict[str, MediaMessage] = {}
        self._media: deque[MediaMessage] = deque()
        self._media_bytes = 0
        self._passed = _Passed()
        self._has_key_frame = self._has_sound = False

    @property
    def is_ready(self) -> bool:
        """Whether it is known which tracks there are, and each of them has begun."""
        if self._has_key_frame and self._has_sound:
            return True
        if self._passed.ms < _SECOND_TRACK_WITHIN_MS:
            return False
        return self._has_key_frame or (self._has_sound and self.video_codec is None)

    def take(self, message: MediaMessage) -> None:
        header = message.header
        if isinstance(header, ScriptTag):
            if header.metadata is not None:
                self._headers[header.name] = message
            return
        self._note(header, message)
        if header.part is Part.SEQUENCE_START:
            if _track_of(header) in self._headers and self.has_other_header(message):
                # What has come so far cannot be decoded by it.
                self.begin_again()
            self._headers[_track_of(header)] = message
        elif header.part is Part.CODED_FRAMES:
            self._take_frame(header, message)

    def _note(self, header: VideoTag | AudioTag, message: MediaMessage) -> None:
        if isinstance(header, VideoTag):
            self.video_codec = header.codec or self.video_codec
        else:
            self.audio_codec = header.codec
        if isinstance(message.configuration, VideoConfiguration):
            self.video = message.configuration
        elif isinstance(message.configuration, AudioConfiguration):
            self.audio = message.configuration

    def _take_frame(self, header: VideoTag | AudioTag, message: MediaMessage) -> None:
        is_picture = isinstance(header, VideoTag)
        if isinstance(header, VideoTag) and header.is_key and not self._has_key_frame:
            # What came before it belongs to pictures that nobody can decode.
            self._clear()
            self._has_key_frame, self._has_sound = True, False
            self._passed = _Passed()
        self._passed.reach(message.timestamp_ms)
        self._has_sound |= not is_picture
        if self._has_key_frame or not is_picture:
            self._keep(message)
        self.is_hopeless = self._is_hopeless()

    def _is_hopeless(self) -> bool:
        is_late = self._passed.ms > _KEY_FRAME_WITHIN_MS
        return self.video_codec is not None and not self._has_key_frame and is_late

    def _keep(self, message: MediaMessage) -> None:
        self._media.append(message)
        self._media_bytes += len(message.payload)
        if self._media_bytes > _MOST_BYTES:
            self._clear()
            # The next key frame begins it anew.
            self._has_key_frame = False

    def _clear(self) -> None:
        self._media.clear()
        self._media_bytes = 0
        self.shown_s = 0.0

    @property
    def has_frames(self) -> bool:
        """Whether anything has come but headers."""
        return self._passed.has_begun

    @property
    def held_s(self) -> float:
        """How long the media lasts that is held."""
        return self._passed.ms / 1000 if self._media else 0.0

    def has_other_header(self, message: MediaMessage) -> bool:
        """Tell whether a header says something else than the one that was known: what was begun with that is over."""
        if not isinstance(message.header, VideoTag | AudioTag) or message.header.part is not Part.SEQUENCE_START:
            return False
        known = self._headers.get(_track_of(message.header))
        return known is None or known.payload != message.payload

    def begin_again(self) -> None:
        """Wait for the next key frame, of the tracks that are known."""
        self._clear()
        self._passed = _Passed()
        self._has_key_frame = self._has_sound = self.is_hopeless = False

    def messages(self) -> list[MediaMessage]:
        """Return headers, then media."""
        return [*self._headers.values(), *self._media]

    def take_all(self) -> list[MediaMessage]:
        """Return headers, then media, and keep none of it but the headers."""
        messages = self.messages()
        self._clear()
        return messages


def _track_of(header: VideoTag | AudioTag) -> str:
    return "video" if isinstance(header, VideoTag) else "audio"
