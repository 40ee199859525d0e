"""One Redis, several clients, each with its own way to write a Unix socket's address."""

from urllib.parse import parse_qs, urlsplit


def celery_url(url: str) -> str:
    """Return the address as Celery's transport reads it."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def limits_url(url: str) -> str:
    """Return the address as the `limits` library reads it."""
    return f"redis+{url}" if url.startswith("unix://") else url
