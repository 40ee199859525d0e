"""Where uploaded files live: a folder of this machine, or a bucket of an object store."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal.env import BadSetting

_PARAMETERS = {"endpoint", "region"}


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
            "addressing_style": "path" if "endpoint" in parameters else "auto",
            # The default signs links the old way, which newer regions refuse.
            "signature_version": "s3v4",
            "default_acl": None,
            "file_overwrite": True,
        },
    }
