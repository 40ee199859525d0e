from streaming.models.channel import Channel
from streaming.models.package import Package, PackageQuerySet
from streaming.models.packaging_job import PackagingJob, PackagingJobQuerySet
from streaming.models.quality_level import QualityLevel
from streaming.models.source import Source
from streaming.models.stream import Stream
from streaming.models.stream_key import StreamKey

__all__ = [
    "Channel",
    "Package",
    "PackageQuerySet",
    "PackagingJob",
    "PackagingJobQuerySet",
    "QualityLevel",
    "Source",
    "Stream",
    "StreamKey",
]
