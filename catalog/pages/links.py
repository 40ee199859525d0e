from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A word that leads somewhere."""

    label: str
    url: str
