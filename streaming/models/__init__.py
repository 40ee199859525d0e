from streaming.models.channel import Channel
from streaming.models.source import Source
from streaming.models.stream import Stream
from streaming.models.stream_key import StreamKey

__all__ = ["Channel", "Source", "Stream", "StreamKey"]
