"""The form of the names that stand in addresses."""

from collections.abc import Collection
from itertools import count

from django.utils.text import slugify

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def propose_slug(*texts: str, fallback: str, max_length: int) -> str:
    """Return the slug of the first text that has one, as a title in Thai script has not; else `fallback`."""
    for text in texts:
        slug = slugify(text.replace("_", "-"))[:max_length].strip("-")
        if slug:
            return slug
    return fallback


def free_slug(stem: str, *, taken: Collection[str]) -> str:
    """Return `stem`, or the first of stem-2, stem-3, … that is not taken."""
    numbered = (f"{stem}-{number}" for number in count(2))
    return stem if stem not in taken else next(slug for slug in numbered if slug not in taken)
