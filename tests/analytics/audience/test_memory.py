"""What the process that counts holds in memory before it counts anything."""

import os
import subprocess
import sys

from django.apps import apps

from portal.model_apps import AnalyticsModels

_LOADED = "import django; django.setup(); import analytics.audience.run, sys; print(*sys.modules)"
_OF_NO_USE = {
    "PIL",
    "analytics.tasks",
    "boto3",
    "catalog.pages",
    "celery",
    "django.contrib.admin",
    "rest_framework",
    "unfold",
}


def test_it_loads_nothing_that_it_never_uses() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.audience_settings"}
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    loaded = set(done.stdout.split())
    assert {"analytics.audience.run", "analytics.models"} <= loaded
    assert loaded & _OF_NO_USE == set()


def test_its_rows_are_those_of_the_portal() -> None:
    assert AnalyticsModels.default_auto_field == apps.get_app_config("analytics").default_auto_field
