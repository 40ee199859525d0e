"""What an origin holds in memory before anybody asks it for anything."""

import os
import subprocess
import sys

import pytest
from django.apps import AppConfig, apps

from portal.model_apps import CatalogModels, PortalModels, StreamingModels

_LOADED = "import django; django.setup(); import streaming.origin.run, sys; print(*sys.modules)"
# What pages, the API, the admin and packaging need.
_OF_NO_USE = (
    "PIL",
    "boto3",
    "catalog.admin",
    "catalog.pages",
    "celery",
    "django.contrib.admin",
    "drf_spectacular",
    "rest_framework",
    "streaming.player_page",
    "streaming.tasks",
    "unfold",
)


def test_an_origin_loads_nothing_that_it_never_uses() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.origin_settings"}
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    loaded = set(done.stdout.split())
    assert {"streaming.origin.run", "streaming.models"} <= loaded
    assert loaded.intersection(_OF_NO_USE) == set()


@pytest.mark.parametrize("rows", [PortalModels, CatalogModels, StreamingModels])
def test_its_rows_are_those_of_the_portal(rows: type[AppConfig]) -> None:
    whole = apps.get_app_config(rows.name)
    assert rows.default_auto_field == whole.default_auto_field
