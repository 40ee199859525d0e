"""Where uploaded files live: a folder of this machine, or a bucket of an object store."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal.env import BadSetting

_PARAMETERS = {"endpoint", "region"}
_CONNECT_S, _ATTEMPTS = 10, 4
# More than any process asks at once: a packaging job sends six segments side by side.
_CONNECTIONS = 16


def media_storage(address: str, *, folder: Path, key_id: str = "", secret: str = "") -> Mapping[str, Any]:
    """Return the entry of Django's STORAGES for `address`; "" is `folder`.

    `s3://bucket/prefix?endpoint=https://…&region=…` is any store that speaks S3. Without `key_id` and `secret` the
    machine's own role is used. Raises BadSetting.
    """
    if not address:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}
    parts = urlsplit(address)
    parameters = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.scheme != "s3" or not parts.hostname or parameters.keys() - _PARAMETERS:
        raise BadSetting(
            "NOVA_MEDIA_STORAGE takes s3://bucket/prefix?endpoint=…&region=…, or nothing for a folder of this machine."
        )
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": parts.hostname,
            "location": parts.path.strip("/"),
            "endpoint_url": parameters.get("endpoint"),
            "region_name": parameters.get("region"),
            "access_key": key_id or None,
            "secret_key": secret or None,
            # Buckets of most stores that are not Amazon's have no host name of their own.
            "client_config": _client_config(addressing_style="path" if "endpoint" in parameters else "auto"),
            "default_acl": None,
            "file_overwrite": True,
        },
    }


def _client_config(*, addressing_style: str) -> Any:
    # Only where there is a bucket: it takes a while to load.
    from botocore.config import Config  # type: ignore[import-untyped]  # it has no stubs

    return Config(
        s3={"addressing_style": addressing_style},
        # The default signs links the old way, which newer regions refuse.
        signature_version="s3v4",
        # Checksums that follow what they are of are Amazon's own: other stores refuse them, or keep them as content.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        # Whoever waits should hear soon that nobody answers; by default that takes five minutes.
        connect_timeout=_CONNECT_S,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        max_pool_connections=_CONNECTIONS,
        tcp_keepalive=True,
    )
