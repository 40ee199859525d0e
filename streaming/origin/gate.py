"""Decides on every request for media, for the origin itself and for the edge that asks it."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from streaming.errors import MediaNotFound, PlaybackRevoked, PlaybackTokenInvalid, PlaybackTokenOutdated
from streaming.origin.addresses import MediaAddress
from streaming.origin.revoked import Revocations
from streaming.tokens import Keyring, PlaybackClaims, PlaybackTokenExpired, PlaybackTokenForged, verify_token


@dataclass(frozen=True, slots=True)
class Gate:
    """Knows the keys and what was revoked. Asks nobody: a request costs no query."""

    keyring: Keyring
    revocations: Revocations
    # What a CDN shows when it fetches; "": nobody fetches.
    pull_secret: str = field(default="", repr=False)

    def admit(self, address: MediaAddress, *, at: datetime) -> PlaybackClaims:
        """Return what the token of an address says.

        Raises PlaybackTokenInvalid, PlaybackTokenOutdated, PlaybackRevoked.
        """
        try:
            claims = verify_token(address.token, self.keyring, at=at)
        except PlaybackTokenForged as error:
            raise PlaybackTokenInvalid from error
        except PlaybackTokenExpired as error:
            raise PlaybackTokenOutdated from error
        if self.revocations.is_revoked(claims):
            raise PlaybackRevoked
        return claims

    def admit_pull(self, presented: str) -> None:
        """Let a CDN fetch any package. Raises MediaNotFound where none does, PlaybackTokenInvalid."""
        if not self.pull_secret:
            raise MediaNotFound
        if not hmac.compare_digest(presented.encode(), self.pull_secret.encode()):
            raise PlaybackTokenInvalid
