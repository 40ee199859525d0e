"""Audience as `manage.py run_audience` runs it, by a clock that goes thirty times as fast as ours."""

import asyncio
import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()

    from analytics.audience.run import run_audience
    from portal import clock

    BEGAN = clock.now()
    asyncio.run(run_audience(now=lambda: BEGAN + 30 * (clock.now() - BEGAN)))
