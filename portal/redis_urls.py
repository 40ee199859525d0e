"""One Redis, several clients, each with its own way to write a Unix socket's address."""

from urllib.parse import urlsplit


def celery_url(url: str) -> str:
    """Return the address as Celery's transport reads it."""
    return f"redis+socket://{urlsplit(url).path}" if url.startswith("unix://") else url


def limits_url(url: str) -> str:
    """Return the address as the `limits` library reads it."""
    return f"redis+{url}" if url.startswith("unix://") else url
