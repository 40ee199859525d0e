"""Decides on every request for media, for the origin itself and for the edge that asks it."""

import hmac
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from streaming.errors import MediaNotFound, PlaybackRevoked, PlaybackTokenInvalid, PlaybackTokenOutdated
from streaming.origin.addresses import MediaAddress
from streaming.origin.revoked import Revocations
from streaming.tokens import Keyring, PlaybackClaims, PlaybackTokenExpired, PlaybackTokenForged, verify_token

# What good tokens say, less than a kilobyte each: a viewer shows the same one several times a second. Nobody can fill
# it with what is no token of ours.
_MOST_VERIFIED = 8192


@dataclass(frozen=True, slots=True)
class Gate:
    """Knows the keys and what was revoked. Asks nobody: a request costs no query.

    What a token says is remembered until it expires; whether it was revoked is looked up each time.
    """

    keyring: Keyring
    revocations: Revocations
    # What a CDN shows when it fetches; "": nobody fetches.
    pull_secret: str = field(default="", repr=False)
    _verified: OrderedDict[str, PlaybackClaims] = field(init=False, repr=False, default_factory=OrderedDict)

    def admit(self, address: MediaAddress, *, at: datetime) -> PlaybackClaims:
        """Return what the token of an address says.

        Raises PlaybackTokenInvalid, PlaybackTokenOutdated, PlaybackRevoked.
        """
        claims = self._verified.get(address.token)
        if claims is None or at >= claims.expires_at:
            claims = self._verify(address.token, at)
        if self.revocations.is_revoked(claims):
            raise PlaybackRevoked
        return claims

    def _verify(self, token: str, at: datetime) -> PlaybackClaims:
        self._verified.pop(token, None)
        try:
            claims = verify_token(token, self.keyring, at=at)
        except PlaybackTokenForged as error:
            raise PlaybackTokenInvalid from error
        except PlaybackTokenExpired as error:
            raise PlaybackTokenOutdated from error
        self._verified[token] = claims
        if len(self._verified) > _MOST_VERIFIED:
            # The one that was shown first: whoever shows it still is looked at once more.
            self._verified.popitem(last=False)
        return claims

    def admit_pull(self, presented: str) -> None:
        """Let a CDN fetch any package. Raises MediaNotFound where none does, PlaybackTokenInvalid."""
        if not self.pull_secret:
            raise MediaNotFound
        if not hmac.compare_digest(presented.encode(), self.pull_secret.encode()):
            raise PlaybackTokenInvalid
