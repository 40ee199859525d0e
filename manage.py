#!/usr/bin/env python
"""Run a management command; `manage.py up` runs the whole portal."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.management import execute_from_command_line

    from portal.env import BadSetting

    try:
        execute_from_command_line(sys.argv)
    except BadSetting as error:
        sys.exit(f"nova: {error}")


if __name__ == "__main__":
    main()
