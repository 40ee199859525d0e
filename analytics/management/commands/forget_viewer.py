"""`manage.py forget_viewer <username>`: what somebody watched is nobody's any more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analytics.privacy.forgetting import forget_viewer
from portal import clock
from portal.models import User


class Command(BaseCommand):
    help = "Take from what somebody watched all that tells who it was. Figures stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="The name that they sign in with.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username__iexact=options["username"]).first()
        if user is None:
            raise CommandError(f"Nobody signs in with the name {options['username']}.")
        sessions = forget_viewer(user=user, by=None, at=clock.now())
        self.stdout.write(f"{sessions} sessions were theirs, and are nobody's now.")
