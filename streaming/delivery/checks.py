"""System checks of delivery: settings that contradict each other, and those by which strangers would get at films."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from streaming.delivery.conf import DeliveryConf

_SHORTEST_SECRET = 32
_IN_A_FOLDER = "django.core.files.storage.FileSystemStorage"


@register()
def check_cdn(**_: Any) -> Sequence[CheckMessage]:
    """Without these nobody could play anything."""
    conf: DeliveryConf = settings.NOVA_DELIVERY
    if conf.mode != "cdn":
        return []
    hint = "See “Put a CDN in front” in the documentation, or unset NOVA_DELIVERY."
    return [Error(fault, hint=hint, id="nova.E013") for fault in _faults_of_signing(conf)]


@register()
def check_files_for_nginx(**_: Any) -> Sequence[CheckMessage]:
    """It reads them itself."""
    if settings.NOVA_DELIVERY.mode != "nginx" or _is_in_a_folder():
        return []
    return [
        Error(
            "NOVA_DELIVERY is nginx, which serves packages from a folder, but NOVA_MEDIA_STORAGE is a bucket.",
            hint="Unset NOVA_DELIVERY, or let a CDN fetch them from the bucket.",
            id="nova.E014",
        )
    ]


@register(Tags.security, deploy=True)
def check_media_address(**_: Any) -> Sequence[CheckMessage]:
    """Who listens has the address of a film, which is all it takes; and browsers refuse it on a page of HTTPS."""
    site = settings.NOVA_DELIVERY.media_site
    if site.startswith("https://"):
        return []
    return [
        Error(
            f"Players fetch media from {site}, without TLS.",
            hint="Set NOVA_ORIGIN_URL, or NOVA_CDN_URL where NOVA_DELIVERY is cdn, to an address with https://.",
            id="nova.E015",
        )
    ]


@register(Tags.security, deploy=True)
def check_pull_secret(**_: Any) -> Sequence[CheckMessage]:
    """Whoever has it needs no token for any film."""
    conf: DeliveryConf = settings.NOVA_DELIVERY
    hint = f"Set NOVA_CDN_PULL_SECRET to {_SHORTEST_SECRET} random letters or more, here and in the CDN."
    if conf.cdn_pull_secret and len(conf.cdn_pull_secret) < _SHORTEST_SECRET:
        return [Error("NOVA_CDN_PULL_SECRET can be guessed.", hint=hint, id="nova.E016")]
    if conf.mode == "cdn" and not conf.cdn_pull_secret and _is_in_a_folder():
        return [
            Error("The CDN can fetch nothing: NOVA_CDN_PULL_SECRET is not set.", hint=hint, id="nova.E016"),
        ]
    return []


def _faults_of_signing(conf: DeliveryConf) -> Iterator[str]:
    if not conf.cdn_url:
        yield "NOVA_DELIVERY is cdn, but NOVA_CDN_URL is not set."
    if conf.cdn_signer == "hmac":
        if len(conf.cdn_key) < _SHORTEST_SECRET:
            yield f"NOVA_CDN_KEY has fewer than {_SHORTEST_SECRET} letters: tokens could be made by others."
        return
    if not re.fullmatch("[A-Za-z0-9]+", conf.cdn_key_id):
        yield "NOVA_CDN_KEY_ID is not the ID of a public key of CloudFront."
    from streaming.delivery.cloudfront import NotACloudFrontKey, read_key

    try:
        read_key(conf.cdn_key)
    except NotACloudFrontKey as error:
        yield f"NOVA_CDN_KEY cannot sign for CloudFront: {error}."


def _is_in_a_folder() -> bool:
    return bool(settings.STORAGES["default"]["BACKEND"] == _IN_A_FOLDER)
