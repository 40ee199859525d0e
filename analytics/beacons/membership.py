"""What a player is given along with its session, to tell how it fares."""

from datetime import timedelta
from typing import Any, Final

from analytics.beacons.token import BeaconClaims, sign_beacon_token
from analytics.beacons.viewer_keys import viewer_key
from analytics.records import INTERVAL_S
from streaming.keys import playback_keyring
from streaming.session_members import OpenedSession

PATH: Final = "/api/v1/beacons/"
# What a player could not send while it was offline, and its last word, come after the end of its session.
_AFTERWARDS: Final = timedelta(minutes=10)


def beacon_of(opened: OpenedSession) -> dict[str, Any]:
    """Return the member `beacon` of a session that begins: where to tell, by which token, and how often."""
    visitor, keyring = opened.visitor, playback_keyring()
    claims = BeaconClaims(
        session=opened.session_id.hex,
        subject=opened.subject,
        viewer=viewer_key(visitor, keyring, at=opened.at),
        expires_s=int((opened.expires_at + _AFTERWARDS).timestamp()),
        user=visitor.user_id,
        length_ms=opened.length_ms,
        device=visitor.device,
        country=visitor.territory or "",
    )
    return {"url": PATH, "token": sign_beacon_token(claims, keyring), "interval_s": INTERVAL_S}
