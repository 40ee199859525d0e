"""The settings of processes that need none of the apps, but for the commands that start them.

The supervisor starts others and watches them; beat knows tasks by their names. manage.py takes these settings for `up`
and `run_beat`.
"""

from portal.settings import *  # noqa: F403  # one file has all settings, and this one leaves out what is not needed

INSTALLED_APPS = ["portal.model_apps.PortalCommands"]
