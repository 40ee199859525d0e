"""Nova's settings with the probe's addresses."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "tests.portal.telemetry.probe_urls"
