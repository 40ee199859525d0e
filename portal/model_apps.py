"""Apps of which a process needs the rows alone: no pages, no admin, nothing that one app registers with another."""

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
