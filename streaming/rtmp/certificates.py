"""The certificate that publishers are greeted with, read anew when its files change.

A renewal must not end a stream: who is connected stays so, and who comes next is shown the new one.
"""

import logging
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

logger = logging.getLogger(__name__)

_Stamp: TypeAlias = tuple[tuple[int, int, int] | None, ...]


class BadCertificate(Exception):
    """Say in one sentence why there can be no TLS with these files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFiles:
    """Where a certificate, its chain behind it, and its key are, both as PEM."""

    certificate: Path
    key: Path


class Certificate:
    """The context of the connections that come now. Raises BadCertificate if there is none to begin with."""

    def __init__(self, files: CertificateFiles) -> None:
        self._files = files
        self._stamp = _stamp_of(files)
        self._context = read_context(files)

    def context(self) -> ssl.SSLContext:
        """Return it, read anew if the files have changed; while they do not fit each other it is the one of before."""
        stamp = _stamp_of(self._files)
        if stamp != self._stamp:
            self._stamp = stamp
            self._read_again()
        return self._context

    def _read_again(self) -> None:
        try:
            self._context = read_context(self._files)
        except BadCertificate as error:
            # In the middle of a renewal one of the two is the old one still: they change once more.
            logger.error("rtmp.certificate_unusable", extra={"description": str(error)})
        else:
            logger.info("rtmp.certificate_renewed")


def read_context(files: CertificateFiles) -> ssl.SSLContext:
    """Return a server's context. Raises BadCertificate."""
    for path in (files.certificate, files.key):
        _check_readable(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # Without a password OpenSSL would ask for that of an encrypted key, at a terminal where nobody sits.
        context.load_cert_chain(files.certificate, files.key, password="")
    except OSError as error:
        cause = getattr(error, "reason", None) or "not PEM, or the key is encrypted"
        raise BadCertificate(f"{files.certificate} and {files.key} are no certificate and its key: {cause}.") from error
    return context


def _check_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise BadCertificate(f"{path} cannot be read: {error.strerror}.") from error


def _stamp_of(files: CertificateFiles) -> _Stamp:
    return tuple(_state_of(path) for path in (files.certificate, files.key))


def _state_of(path: Path) -> tuple[int, int, int] | None:
    """Return what is another after a renewal, which replaces the file or what a link leads to; None if it is gone."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns, state.st_size
