"""The form of the names that stand in addresses."""

from django.utils.text import slugify

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def propose_slug(*texts: str, fallback: str, max_length: int) -> str:
    """Return the slug of the first text that has one, as a title in Thai script has not; else `fallback`."""
    for text in texts:
        slug = slugify(text.replace("_", "-"))[:max_length].strip("-")
        if slug:
            return slug
    return fallback
