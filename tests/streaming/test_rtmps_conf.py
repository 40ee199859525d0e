from pathlib import Path

import pytest

from portal.env import BadSetting, Env
from streaming.rtmp.certificates import CertificateFiles
from streaming.rtmps_conf import RtmpsConf

_FILES = {"NOVA_RTMPS_CERTIFICATE": "/tls/fullchain.pem", "NOVA_RTMPS_KEY": "/tls/privkey.pem"}


def test_without_a_certificate_there_is_none() -> None:
    assert RtmpsConf.from_env(Env({})) == RtmpsConf(port=1936, files=None, url="")


def test_with_a_certificate_it_is_taken_and_offered() -> None:
    files = CertificateFiles(certificate=Path("/tls/fullchain.pem"), key=Path("/tls/privkey.pem"))
    conf = RtmpsConf.from_env(Env({**_FILES, "NOVA_RTMPS_PORT": "443"}))
    assert conf == RtmpsConf(port=443, files=files, url="rtmps://localhost:443/live")


def test_web_offers_what_another_process_takes() -> None:
    conf = RtmpsConf.from_env(Env({"NOVA_RTMPS_URL": "rtmps://nova.example.com/live/"}))
    assert conf == RtmpsConf(port=1936, files=None, url="rtmps://nova.example.com/live")


@pytest.mark.parametrize("name", _FILES)
def test_one_file_without_the_other_is_refused(name: str) -> None:
    with pytest.raises(BadSetting, match="Set both"):
        RtmpsConf.from_env(Env({name: _FILES[name]}))
