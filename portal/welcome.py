"""What a newcomer finds after the first start: demo content, and the lines that say where to go.

Apps on the right register here from `AppConfig.ready`; `manage.py up` and `manage.py seed_demo` call what they find.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeLine:
    """One line of the text that `manage.py up` ends with."""

    label: str
    value: str


# A seeder adds what is missing, never changes what is there, and returns what the newcomer must be told.
Seeder = Callable[[], list[WelcomeLine]]

_seeders: list[Seeder] = []


def register_seeder(seeder: Seeder) -> None:
    """Add a source of demo content; they run in the order of the installed apps."""
    _seeders.append(seeder)


def seed() -> list[WelcomeLine]:
    """Run every seeder."""
    return [line for seeder in _seeders for line in seeder()]
