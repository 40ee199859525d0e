"""Frames of silence, which stand in where a broadcaster's microphone brings nothing (ISO/IEC 14496-3, 4.4.2)."""

from streaming.media.sample_entries import Sound

FRAME_SAMPLES = 1024
_SINGLE, _PAIR, _END = "000", "001", "111"
_ELEMENT_TAG, _NO_COMMON_WINDOW = "0000", "0"
# global_gain 8, ics_reserved 1, window_sequence 2, window_shape 1, max_sfb 6, predictor_data_present 1, and of pulses,
# noise shaping and gain control that there are none: a channel of no frequencies at all.
_CHANNEL = "0" * 22


def silent_frame(sound: Sound) -> bytes | None:
    """Return a frame of AAC that decodes to silence; None for what it is not known of."""
    if not sound.codec.startswith("mp4a.40.2"):
        return None
    if sound.channels == 1:
        return _to_bytes(_SINGLE + _ELEMENT_TAG + _CHANNEL + _END)
    if sound.channels == 2:
        return _to_bytes(_PAIR + _ELEMENT_TAG + _NO_COMMON_WINDOW + 2 * _CHANNEL + _END)
    return None


def _to_bytes(bits: str) -> bytes:
    size = -(-len(bits) // 8)
    return int(bits.ljust(size * 8, "0"), 2).to_bytes(size)
