"""`manage.py issue_stream_key <channel>`: make a key and print it, this once."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import clock
from streaming.models import Channel
from streaming.services.stream_keys import issue_stream_key


class Command(BaseCommand):
    help = "Issue a stream key for a channel and print it; only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("channel", help="the channel's address, such as studio-one")
        parser.add_argument("--label", default="Command line", help="which encoder will use it")

    def handle(self, *args: Any, **options: Any) -> None:
        channel = Channel.objects.filter(slug=options["channel"]).first()
        if channel is None:
            known = ", ".join(Channel.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no channel {options['channel']!r}. Channels: {known}.", returncode=1)
        issued = issue_stream_key(channel=channel, label=options["label"], by=None, at=clock.now())
        for server in (settings.NOVA_RTMP_URL, settings.NOVA_RTMPS.url):
            if server:
                self.stdout.write(f"Server  {server}")
        self.stdout.write(f"Key     {issued.secret}")
