"""What broadcasters and the stream's row are told, in their words."""

from streaming.media.live.plan import LivePlan, LiveUnsupported
from streaming.models import Stream
from streaming.origin.live.opening import Opening
from streaming.rtmp.events import EndReason

OVER = "The stream was ended by the portal."
TAKEN_OVER = "Another encoder has taken over."
NO_KEY_FRAMES = "No key frame came; set the key frame interval to 2 seconds."
NO_MEDIA = "Neither picture nor sound came that could be shown."
FORMATS = "The format of picture or sound changes again and again."
RESTARTS = "The server is restarted; connect again."

END_REASONS = {
    EndReason.UNPUBLISHED: Stream.EndReason.UNPUBLISHED,
    EndReason.DISCONNECTED: Stream.EndReason.DISCONNECTED,
    EndReason.IDLE_TIMEOUT: Stream.EndReason.IDLE,
    EndReason.PROTOCOL_ERROR: Stream.EndReason.PROTOCOL,
    EndReason.KICKED: Stream.EndReason.KICKED,
    EndReason.SERVER_SHUTDOWN: Stream.EndReason.SHUTDOWN,
    EndReason.INTERNAL_ERROR: Stream.EndReason.INTERNAL,
}
# Said on purpose: nobody comes back to go on.
FINAL = frozenset({EndReason.UNPUBLISHED, EndReason.KICKED})


def words_of(error: LiveUnsupported) -> str:
    """Return what an encoder shows to its operator; the studio has longer words for it."""
    return f"The stream cannot be used: {str(error.code).replace('-', ' ')}."


def qualities_of(plan: LivePlan) -> list[dict[str, object]]:
    """Return what viewers can choose from, the best first."""
    return [
        {
            "name": track.rendition.name,
            "width_px": track.rendition.width_px,
            "height_px": track.rendition.height_px,
            "bitrate_bps": track.rendition.bitrate_bps,
            "is_copied": track.is_copy,
        }
        for track in plan.video
    ]


def facts_of(opening: Opening) -> dict[str, object]:
    """Return what the headers of an encoder say."""
    facts: dict[str, object] = {}
    if opening.video is not None:
        facts |= {
            "video_codec": opening.video.codec_string,
            "width_px": opening.video.width_px,
            "height_px": opening.video.height_px,
        }
    if opening.audio is not None:
        facts["audio_codec"] = opening.audio.codec_string
    return facts
