"""The settings of a process that needs none of the apps, but for the command that starts it.

The supervisor starts others and watches them. manage.py takes these settings for `up`.
"""

from portal.settings import *  # noqa: F403  # one file has all settings, and this one leaves out what is not needed

INSTALLED_APPS = ["portal.model_apps.PortalCommands"]
