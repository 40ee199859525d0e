"""The desk for channels, their keys and their streams."""

from streaming.admin.channel import ChannelAdmin
from streaming.admin.source import SourceAdmin
from streaming.admin.stream import StreamAdmin
from streaming.admin.stream_key import StreamKeyAdmin

__all__ = ["ChannelAdmin", "SourceAdmin", "StreamAdmin", "StreamKeyAdmin"]
