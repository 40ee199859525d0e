"""Which headers another site's page may send to the API, and which it may read of the answer."""

from corsheaders.defaults import default_headers

# Resumable uploads (tus 1.0) speak through headers of their own.
TAKEN_HEADERS = (
    *default_headers,
    *("if-match", "if-none-match", "idempotency-key", "x-request-id"),
    *("tus-resumable", "upload-length", "upload-metadata", "upload-offset", "upload-checksum", "upload-concat"),
)
EXPOSED_HEADERS = (
    *("etag", "link", "location", "retry-after", "x-request-id", "idempotency-replayed"),
    *("tus-resumable", "tus-version", "tus-extension", "tus-max-size", "upload-offset", "upload-length"),
    *("upload-expires",),
)
