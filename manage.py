#!/usr/bin/env python
"""Run a management command; `manage.py up` runs the whole portal."""

import os
import sys

_OF_PROCESSES = {
    "run_audience": "portal.audience_settings",
    "run_beat": "portal.bare_settings",
    "run_origin": "portal.origin_settings",
    "up": "portal.bare_settings",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    own_settings = _OF_PROCESSES.get("".join(sys.argv[1:2]))
    if own_settings and os.environ["DJANGO_SETTINGS_MODULE"] == "portal.settings":
        # It needs little of the apps, or nothing. It inherits the variable from whoever started it.
        os.environ["DJANGO_SETTINGS_MODULE"] = own_settings
    from django.core.management import execute_from_command_line

    from portal.env import BadSetting

    try:
        execute_from_command_line(sys.argv)
    except BadSetting as error:
        sys.exit(f"nova: {error}")


if __name__ == "__main__":
    main()
