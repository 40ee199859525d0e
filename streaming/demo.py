"""Demo content: a channel, and a key for the newcomer's encoder."""

from django.conf import settings

from portal import clock
from portal.models import User
from portal.welcome import WelcomeLine
from streaming.models import Channel
from streaming.services.channels import create_channel
from streaming.services.stream_keys import issue_stream_key

DEMO_CHANNEL = "studio-one"


def seed_channel() -> list[WelcomeLine]:
    """Make the demo channel and its key if there is no channel; say what to paste into OBS."""
    server = WelcomeLine(label="OBS server", value=settings.NOVA_RTMP_URL)
    owner = User.objects.filter(is_superuser=True).order_by("pk").first()
    if owner is None or Channel.objects.exists():
        return [server, WelcomeLine(label="OBS key", value=f"a new one: manage.py issue_stream_key {DEMO_CHANNEL}")]
    at = clock.now()
    channel = create_channel(
        slug=DEMO_CHANNEL, title="Studio One", description="The demo channel.", owner=owner, by=None, at=at
    )
    issued = issue_stream_key(channel=channel, label="First start", by=None, at=at)
    return [server, WelcomeLine(label="OBS key", value=f"{issued.secret}   (shown this once)")]
