"""System checks of live streams."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from streaming.rtmp.certificates import BadCertificate, read_context
from streaming.rtmps_conf import RtmpsConf


@register()
def check_certificate(**_: Any) -> Sequence[CheckMessage]:
    """Without it the origin would not start."""
    conf: RtmpsConf = settings.NOVA_RTMPS
    if conf.files is None:
        return []
    try:
        read_context(conf.files)
    except BadCertificate as error:
        hint = "Let this user read both, or unset NOVA_RTMPS_CERTIFICATE and NOVA_RTMPS_KEY to take no RTMPS."
        return [Error(f"RTMPS cannot be served: {error}", hint=hint, id="nova.E017")]
    return []
