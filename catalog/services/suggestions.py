"""Counts which suggestions people choose, so that these come first."""

from datetime import datetime

from django.db import transaction

from catalog.models import SearchName
from catalog.search.heat import heated
from catalog.search.suggestions import Kind


def count_choice(*, kind: Kind, slug: str, at: datetime) -> None:
    """Count that somebody chose a name. Of what does not exist nothing is kept, and nobody is told."""
    with transaction.atomic():
        name = SearchName.objects.select_for_update(of=("self",)).filter(**{f"{kind}__slug": slug}).first()
        if name:
            name.heat = heated(name.heat, at=at)
            name.save(update_fields=["heat"])
