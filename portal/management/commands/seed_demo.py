from django.core.management.base import BaseCommand

from portal import welcome


class Command(BaseCommand):
    help = "Add the demo content that is missing; what is there is left alone."

    def handle(self, *args: object, **options: object) -> None:
        for line in welcome.seed():
            self.stdout.write(f"{line.label}: {line.value}")
