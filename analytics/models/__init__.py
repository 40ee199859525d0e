from analytics.models.metric import MetricDay, MetricHour, MetricMinute, MetricSecond
from analytics.models.playback_session import PlaybackSession
from analytics.models.retention import RetentionEdge
from analytics.models.subject import Subject

__all__ = [
    "MetricDay",
    "MetricHour",
    "MetricMinute",
    "MetricSecond",
    "PlaybackSession",
    "RetentionEdge",
    "Subject",
]
