"""Demo content: a channel, a key for the newcomer's encoder, and films for three of the movies."""

from django.conf import settings
from django.db import transaction

from portal import clock
from portal.models import User
from portal.welcome import WelcomeLine
from streaming import tasks
from streaming.models import Channel
from streaming.services.channels import create_channel
from streaming.services.demo_films import movies_without_film
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


def seed_films() -> list[WelcomeLine]:
    """Have a worker make the demo's films, where they are wanted and missing: the start does not wait for them."""
    waiting = len(movies_without_film()) if settings.NOVA_DEMO_FILMS else 0
    if not waiting:
        return []
    transaction.on_commit(tasks.bring_in_demo_films.delay, robust=True)
    films = f"{waiting} short ones are being made and packaged: see the packaging jobs in the admin"
    return [WelcomeLine(label="Films", value=films)]
