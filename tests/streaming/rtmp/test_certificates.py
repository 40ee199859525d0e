"""Files that are no certificate and its key are told in a sentence."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from streaming.rtmp.certificates import BadCertificate, Certificate, CertificateFiles
from tests.streaming.rtmp.serving import make_certificate


def _said_of(files: CertificateFiles) -> str:
    with pytest.raises(BadCertificate) as raised:
        Certificate(files)
    return str(raised.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    files.key.unlink()
    assert _said_of(files) == f"{files.key} cannot be read: No such file or directory."


def test_folder_is_no_file(tmp_path: Path) -> None:
    files = CertificateFiles(certificate=tmp_path, key=tmp_path)
    assert _said_of(files) == f"{tmp_path} cannot be read: Is a directory."


def test_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    files, other = make_certificate(tmp_path), make_certificate(tmp_path / "other")
    files.key.write_bytes(other.key.read_bytes())
    assert "are no certificate and its key: KEY_VALUES_MISMATCH." in _said_of(files)


@pytest.mark.parametrize("content", [b"", b"no PEM", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(tmp_path: Path, content: bytes) -> None:
    files = make_certificate(tmp_path)
    files.certificate.write_bytes(content)
    assert "are no certificate and its key" in _said_of(files)


def test_encrypted_key_is_refused_and_nobody_is_asked_for_its_password(tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    key = ec.generate_private_key(ec.SECP256R1())
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
    assert "are no certificate and its key" in _said_of(files)
