"""What every process of ours counts by itself, beside what the libraries count. Labels are names of our own."""

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

# When counting began is known of the process, and would double what is shown.
disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no types

WEBSOCKETS = Gauge(
    "nova_streaming_websocket_connections",
    "Open sockets, by what they follow.",
    ["kind"],
    # Those of all web processes that share a port; of the ones that are gone, none.
    multiprocess_mode="livesum",
)
REFUSED_REQUESTS = Counter(
    "nova_web_refused_requests", "Requests that the server cut off before the application heard of them.", ["reason"]
)
EVENTS_PUBLISHED = Counter(
    "nova_events_published", "Events handed to the broker, once for each group that they go to.", ["type"]
)

TASKS_SENT = Counter("nova_tasks_sent", "Tasks put into a queue by this process.", ["task"])
TASKS_STARTED = Counter("nova_tasks_started", "Tasks begun.", ["task"])
TASKS_SUCCEEDED = Counter("nova_tasks_succeeded", "Tasks that came to a good end.", ["task"])
TASKS_FAILED = Counter("nova_tasks_failed", "Tasks that failed for good.", ["task"])
TASKS_RETRIED = Counter("nova_tasks_retried", "Tasks that failed and were put into the queue again.", ["task"])
TASK_RUN_S = Histogram(
    "nova_task_run_seconds",
    "From the beginning of a task to its end, whatever that was.",
    ["task"],
    # A film takes hours, most others a moment.
    buckets=(0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 3600, 14_400, 43_200),
)
TASK_WAIT_S = Histogram(
    "nova_task_wait_seconds",
    "How long a task was in its queue before it was begun.",
    ["task"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200),
)
