"""Apps of which a process needs the rows alone: no pages, no admin, nothing that one app registers with another.

And one of which a process needs not even these.
"""

from django.apps import AppConfig


class _ModelsOnly(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"


class PortalModels(_ModelsOnly):
    name = "portal"


class CatalogModels(_ModelsOnly):
    name = "catalog"


class StreamingModels(_ModelsOnly):
    name = "streaming"


class AnalyticsModels(_ModelsOnly):
    name = "analytics"


class PortalCommands(AppConfig):
    """The commands of the portal, without its rows."""

    name = "portal"

    def import_models(self) -> None:
        """Register none: they would need the apps that they refer to."""
        self.models = {}
