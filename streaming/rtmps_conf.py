"""What operators decide about RTMP over TLS."""

from dataclasses import dataclass
from typing import Self

from portal.env import BadSetting, Env
from streaming.rtmp.certificates import CertificateFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class RtmpsConf:
    """The settings of RTMPS. It can be offered where it is not taken: by web, which has no certificate."""

    # Port of the origin's RTMPS ingest.
    port: int
    # None: the origin takes no RTMPS.
    files: CertificateFiles | None
    # What broadcasters paste into their encoder as the server; "": none is offered.
    url: str

    @classmethod
    def from_env(cls, env: Env) -> Self:
        port = env.integer("NOVA_RTMPS_PORT", 1936, at_least=1, at_most=65535)
        files = _files(env)
        default = f"rtmps://localhost:{port}/live" if files else ""
        is_offered = files is not None or bool(env.text("NOVA_RTMPS_URL"))
        url = env.url("NOVA_RTMPS_URL", default, schemes=("rtmps",)) if is_offered else ""
        return cls(port=port, files=files, url=url)


def _files(env: Env) -> CertificateFiles | None:
    certificate = env.optional_path("NOVA_RTMPS_CERTIFICATE")
    key = env.optional_path("NOVA_RTMPS_KEY")
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise BadSetting("Set both NOVA_RTMPS_CERTIFICATE and NOVA_RTMPS_KEY, or neither.")
    return CertificateFiles(certificate=certificate, key=key)
