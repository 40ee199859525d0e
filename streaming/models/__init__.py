from streaming.models.channel import Channel
from streaming.models.channel_picture import ChannelPicture
from streaming.models.package import Package, PackageQuerySet
from streaming.models.packaging_job import PackagingJob, PackagingJobQuerySet
from streaming.models.planned_stream import PlannedStream, PlannedStreamQuerySet
from streaming.models.playback_revocation import PlaybackRevocation
from streaming.models.quality_level import QualityLevel
from streaming.models.source import Source
from streaming.models.stream import Stream, StreamQuerySet
from streaming.models.stream_key import StreamKey
from streaming.models.watch_position import WatchPosition

__all__ = [
    "Channel",
    "ChannelPicture",
    "Package",
    "PackageQuerySet",
    "PackagingJob",
    "PackagingJobQuerySet",
    "PlannedStream",
    "PlannedStreamQuerySet",
    "PlaybackRevocation",
    "QualityLevel",
    "Source",
    "Stream",
    "StreamKey",
    "StreamQuerySet",
    "WatchPosition",
]
