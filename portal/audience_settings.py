"""The settings of the process that counts: those of the origin, with the rows of figures.

manage.py takes these settings for `run_audience`.
"""

from portal.origin_settings import *  # noqa: F403  # one file has all settings, and these differ in their apps alone
from portal.origin_settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "portal.model_apps.AnalyticsModels"]
