"""What only the portal itself can do or tell: run within its environment.

python -m benchmarks.live_streams.within channels COUNT     make channels; print the secret of a key of each
python -m benchmarks.live_streams.within streams            print what is known of each stream, the newest first
"""

import json
import os
import sys
from datetime import datetime
from typing import Any

import django

from portal import clock


def make_channels(count: int) -> None:
    from portal.models import User
    from streaming.services.channels import create_channel
    from streaming.services.stream_keys import issue_stream_key

    owner, at = User.objects.get(username="admin"), clock.now()
    for number in range(count):
        name = f"bench-{number}"
        channel = create_channel(slug=name, title=name, owner=owner, by=None, at=at, is_recorded=False)
        print(issue_stream_key(channel=channel, label="Benchmark", by=None, at=at).secret)


def tell_streams() -> None:
    from streaming.models import Stream

    print(json.dumps([_facts(stream) for stream in Stream.objects.select_related("recording").order_by("-started_at")]))


def _facts(stream: Any) -> dict[str, Any]:
    moments = ("started_at", "active_at", "playable_at", "interrupted_at", "ended_at")
    return {
        "id": str(stream.pk),
        "package": stream.package_hex,
        "state": stream.state,
        "is_passed_on": bool(stream.qualities) and all(each["is_copied"] for each in stream.qualities),
        "recorded_s": stream.recording and stream.recording.duration_s,
        **{name: _seconds(getattr(stream, name)) for name in moments},
    }


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    order, *rest = sys.argv[1:]
    if order == "channels":
        make_channels(int(rest[0]))
    else:
        tell_streams()
