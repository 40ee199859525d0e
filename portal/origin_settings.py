"""The settings of the origin's process: those of the portal, with the apps whose rows it reads and writes.

Everything else would be loaded for nothing: it answers no page and no call of the API, and what apps register with each
other is for those. That is a quarter of its memory. manage.py takes these settings for `run_origin`.
"""

from portal.settings import *  # noqa: F403  # one file has all settings, and this one leaves out what is not needed

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "portal.model_apps.PortalModels",
    "portal.model_apps.CatalogModels",
    "portal.model_apps.StreamingModels",
]
