"""What Prometheus is told of broadcasts, where it happens. No label names a stream, a channel or a person."""

from enum import StrEnum

from prometheus_client import Counter, Histogram

STREAM_DURATION_S = Histogram(
    "nova_streaming_stream_duration_seconds",
    "How long streams were, from their encoder's connection to their end, by the reason for it.",
    ["end_reason"],
    buckets=(60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 57_600, 86_400),
)
RTMP_INGESTION_LATENCY_S = Histogram(
    "nova_streaming_rtmp_ingestion_latency_seconds",
    "From an encoder's wish to publish to its first key frame, then of each key frame how late it came.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10),
)
HLS_SEGMENT_GENERATION_S = Histogram(
    "nova_streaming_hls_segment_generation_seconds",
    "From the arrival of a segment's last frame to its listing, by rendition.",
    ["rendition"],
    buckets=(0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4, 8),
)
BROADCAST_ERRORS = Counter(
    "nova_streaming_broadcast_errors", "What went wrong with broadcasts, by stage and code.", ["stage", "code"]
)
SAMPLES_LOST = Counter("nova_live_samples_lost", "Samples of live streams that Redis did not take.")


class Stage(StrEnum):
    """Where a broadcast goes wrong."""

    ADMISSION = "admission"
    ENCODING = "encoding"
    END = "end"


def count_error(stage: Stage, code: str) -> None:
    """Count what went wrong; `code` is one of ours, never what somebody sent."""
    BROADCAST_ERRORS.labels(stage=stage.value, code=code).inc()


def observe_end(*, reason: str, duration_s: float, error: str, has_failed: bool) -> None:
    """Tell that a stream has closed; `reason` and `error` as its row has them."""
    STREAM_DURATION_S.labels(end_reason=_kebab(reason)).observe(duration_s)
    if has_failed or error:
        count_error(Stage.END, error or _kebab(reason))


def _kebab(name: str) -> str:
    return name.lower().replace("_", "-")
