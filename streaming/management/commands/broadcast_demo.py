"""`manage.py broadcast_demo`: publish a generated programme to a channel over RTMP, as an encoder would."""

import subprocess
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import clock
from streaming.demo import DEMO_CHANNEL
from streaming.media.programme import build_programme
from streaming.models import Channel
from streaming.services.stream_keys import issue_stream_key, revoke_stream_key

_LONGEST_BROADCAST = timedelta(hours=12)


class Command(BaseCommand):
    help = "Publish a generated programme, with a running clock and a tone, to a channel over RTMP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("channel", nargs="?", default=DEMO_CHANNEL, help="the channel's address")
        parser.add_argument("--seconds", type=int, help="how long; without it until Ctrl-C")

    def handle(self, *args: Any, **options: Any) -> None:
        channel = Channel.objects.filter(slug=options["channel"]).first()
        if channel is None:
            raise CommandError(f"There is no channel {options['channel']!r}.", returncode=1)
        at = clock.now()
        issued = issue_stream_key(
            channel=channel, label="Demo broadcast", by=None, at=at, expires_at=at + _LONGEST_BROADCAST
        )
        try:
            self._publish(channel, issued.secret, options["seconds"])
        finally:
            revoke_stream_key(key_id=issued.key.pk, by=None, at=clock.now())

    def _publish(self, channel: Channel, secret: str, seconds: int | None) -> None:
        argv = build_programme(
            ffmpeg_path=settings.NOVA_FFMPEG, url=f"{settings.NOVA_RTMP_URL}/{secret}", seconds=seconds
        )
        self.stdout.write(f"Publishing to {channel.slug} at {settings.NOVA_RTMP_URL}. Ctrl-C stops it.")
        try:
            status = subprocess.run(argv, check=False, stdin=subprocess.DEVNULL).returncode
        except KeyboardInterrupt:
            return
        if status:
            raise CommandError(f"The broadcast ended early: FFmpeg's exit status is {status}.", returncode=1)
