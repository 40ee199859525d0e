"""The desk for channels, their keys and their streams, and for films: sources, packaging jobs, packages, the ladder."""

from streaming.admin.channel import ChannelAdmin
from streaming.admin.package import PackageAdmin
from streaming.admin.packaging_job import PackagingJobAdmin
from streaming.admin.planned_stream import PlannedStreamAdmin
from streaming.admin.quality_level import QualityLevelAdmin
from streaming.admin.source import SourceAdmin
from streaming.admin.stream import StreamAdmin
from streaming.admin.stream_key import StreamKeyAdmin

__all__ = [
    "ChannelAdmin",
    "PackageAdmin",
    "PackagingJobAdmin",
    "PlannedStreamAdmin",
    "QualityLevelAdmin",
    "SourceAdmin",
    "StreamAdmin",
    "StreamKeyAdmin",
]
