"""Write anew what the search looks into."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.services import search_index


class Command(BaseCommand):
    help = "Writes the search documents of all movies, people, genres and tags anew; viewers go on searching meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        search_index.rebuild()
        self.stdout.write("The search is rebuilt.")
