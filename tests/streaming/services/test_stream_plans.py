"""Broadcasts that are announced: who hears of them, how far they can be changed, and which stream carries them out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from portal.models import AuditEntry, User
from streaming import groups
from streaming.errors import StreamPlanExists, StreamPlanIsOver, StreamPlanOutOfReach, TooManyStreamPlans
from streaming.models import Channel, PlannedStream, Stream
from streaming.services import live
from streaming.services.stream_plans import FARTHEST, MOST_PLANS, announce_stream, call_off_stream, change_plan
from tests.factories import AT, make_channel, make_plan, make_stream, make_user
from tests.overhearing import overhear_events

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EVENING = AT + DAY
Published = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def channel() -> Channel:
    return make_channel(slug="harbour", title="Harbour")


@pytest.fixture
def published(channel: Channel, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Published:
    """Carry out a change; return the events that watchers of the channel got."""

    def run(change: Callable[..., object], **arguments: Any) -> list[dict[str, Any]]:
        group = groups.channel(channel.pk)
        with overhear_events(group) as envelopes, django_capture_on_commit_callbacks(execute=True):
            change(**arguments)
        return envelopes

    return run


def go_on_air(channel: Channel, at: datetime) -> Stream:
    stream = make_stream(channel, phase="pending", started_at=at)
    live.mark_active(stream_id=stream.pk, facts={}, at=at)
    stream.refresh_from_db()
    return stream


def end(stream: Stream, at: datetime) -> None:
    live.end_stream(stream_id=stream.pk, reason=Stream.EndReason.UNPUBLISHED, at=at)


def trail() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action__startswith="stream_plan."))


def coming_up(at: datetime) -> list[PlannedStream]:
    return list(PlannedStream.objects.coming_up(at))


# --- Announce, change, call off ---------------------------------------------------------------------------------------


def test_who_has_the_channel_open_is_told_of_what_is_announced(channel: Channel, published: Published) -> None:
    by = channel.owner
    said = {"title": "Night", "description": "Ships.", "starts_at": EVENING}
    (told,) = published(announce_stream, channel=channel, **said, by=by, at=AT)
    plan = PlannedStream.objects.get()
    assert told["type"] == "stream_plan.announced"
    assert told["data"] == {
        "id": str(plan.pk),
        "channel": "harbour",
        "title": "Night",
        "description": "Ships.",
        "starts_at": EVENING.isoformat(),
        "created_at": AT.isoformat(),
        "cancelled_at": None,
    }
    entry = AuditEntry.objects.get(action="stream_plan.announced")
    assert (entry.actor, entry.object_id, entry.after["channel"]) == (by, str(plan.pk), "harbour")
    assert coming_up(AT) == [plan]


@pytest.mark.parametrize("starts_at", [AT - DAY, AT, AT + FARTHEST + MINUTE])
def test_what_is_past_or_too_far_is_not_announced(channel: Channel, starts_at: datetime) -> None:
    with pytest.raises(StreamPlanOutOfReach):
        announce_stream(channel=channel, title="Night", starts_at=starts_at, by=None, at=AT)
    with pytest.raises(StreamPlanOutOfReach):
        change_plan(plan_id=make_plan(channel).pk, facts={"starts_at": starts_at}, by=channel.owner, at=AT)
    assert trail() == []


def test_a_channel_announces_one_broadcast_for_a_moment(channel: Channel) -> None:
    make_plan(channel, starts_at=EVENING)
    other = make_plan(channel, starts_at=EVENING + HOUR)
    with pytest.raises(StreamPlanExists):
        announce_stream(channel=channel, title="Again", starts_at=EVENING, by=None, at=AT)
    with pytest.raises(StreamPlanExists):
        change_plan(plan_id=other.pk, facts={"starts_at": EVENING}, by=channel.owner, at=AT)
    announce_stream(channel=make_channel(), title="Elsewhere", starts_at=EVENING, by=None, at=AT)
    assert PlannedStream.objects.count() == 3


def test_a_channel_announces_only_so_many_at_a_time(channel: Channel) -> None:
    plans = [make_plan(channel) for _ in range(MOST_PLANS)]
    with pytest.raises(TooManyStreamPlans) as refusal:
        announce_stream(channel=channel, title="More", starts_at=EVENING, by=None, at=AT)
    assert refusal.value.extras["most"] == MOST_PLANS
    call_off_stream(plan_id=plans[0].pk, by=channel.owner, at=AT)
    announce_stream(channel=channel, title="More", starts_at=EVENING, by=None, at=AT)


def test_a_change_is_told_with_what_it_was_before(channel: Channel, published: Published) -> None:
    plan = make_plan(channel, title="Night", starts_at=EVENING)
    facts = {"title": "Night", "starts_at": EVENING + HOUR}
    (told,) = published(change_plan, plan_id=plan.pk, facts=facts, by=channel.owner, at=AT)
    assert (told["type"], told["data"]["starts_at"]) == ("stream_plan.changed", (EVENING + HOUR).isoformat())
    (entry,) = trail()
    assert (entry.action, list(entry.before), list(entry.after)) == (
        "stream_plan.changed",
        ["starts_at"],
        ["starts_at"],
    )


def test_what_is_said_already_changes_nothing(channel: Channel, published: Published) -> None:
    plan = make_plan(channel)
    facts = {"title": plan.title, "description": plan.description, "starts_at": plan.starts_at}
    assert published(change_plan, plan_id=plan.pk, facts=facts, by=channel.owner, at=AT) == []
    assert trail() == []


def test_texts_are_mended_although_the_moment_has_just_passed(channel: Channel) -> None:
    plan = make_plan(channel, starts_at=EVENING)
    change_plan(plan_id=plan.pk, facts={"title": "Late"}, by=channel.owner, at=EVENING + MINUTE)
    assert PlannedStream.objects.get().title == "Late"


def test_calling_off_twice_is_calling_off_once(channel: Channel, published: Published) -> None:
    plan = make_plan(channel)
    (told,) = published(call_off_stream, plan_id=plan.pk, by=channel.owner, at=AT)
    assert (told["type"], told["data"]["cancelled_at"]) == ("stream_plan.cancelled", AT.isoformat())
    assert published(call_off_stream, plan_id=plan.pk, by=channel.owner, at=AT + MINUTE) == []
    assert PlannedStream.objects.get().cancelled_at == AT
    assert len(trail()) == 1
    assert coming_up(AT) == []


def test_what_is_called_off_makes_room_for_another_at_that_moment(channel: Channel) -> None:
    plan = make_plan(channel, starts_at=EVENING)
    call_off_stream(plan_id=plan.pk, by=channel.owner, at=AT)
    announce_stream(channel=channel, title="Other", starts_at=EVENING, by=None, at=AT)


@pytest.mark.parametrize("became", ["called off", "begun", "missed"])
def test_what_is_over_is_not_changed(channel: Channel, became: str) -> None:
    plan, at, by = make_plan(channel, starts_at=EVENING), EVENING, make_user()
    if became == "called off":
        call_off_stream(plan_id=plan.pk, by=by, at=AT)
    elif became == "begun":
        go_on_air(channel, EVENING)
    else:
        at = EVENING + HOUR
    with pytest.raises(StreamPlanIsOver):
        change_plan(plan_id=plan.pk, facts={"title": "Other"}, by=by, at=at)
    if became != "called off":
        with pytest.raises(StreamPlanIsOver):
            call_off_stream(plan_id=plan.pk, by=by, at=at)
    assert PlannedStream.objects.get().title == plan.title


# --- Carried out ------------------------------------------------------------------------------------------------------


def test_the_stream_that_begins_then_takes_the_title(channel: Channel, published: Published) -> None:
    plan = make_plan(channel, title="Night", starts_at=EVENING)
    stream = make_stream(channel, phase="pending", started_at=EVENING)
    (told,) = published(live.mark_active, stream_id=stream.pk, facts={}, at=EVENING)
    assert (told["type"], told["data"]["title"], told["data"]["plan"]) == ("stream.started", "Night", str(plan.pk))
    stream.refresh_from_db()
    assert (stream.plan, stream.title) == (plan, "Night")
    assert AuditEntry.objects.get(action="stream_plan.carried_out").after == {"stream": str(stream.pk)}
    assert coming_up(EVENING) == []


@pytest.mark.parametrize(
    ("offset", "takes"), [(-HOUR - MINUTE, False), (-HOUR, True), (MINUTE, True), (HOUR, True), (HOUR + MINUTE, False)]
)
def test_only_what_begins_within_an_hour_is_what_was_announced(
    channel: Channel, offset: timedelta, takes: bool
) -> None:
    plan = make_plan(channel, starts_at=EVENING)
    assert (go_on_air(channel, EVENING + offset).plan == plan) is takes


def test_the_nearest_of_several_is_carried_out(channel: Channel) -> None:
    make_plan(channel, starts_at=EVENING - 50 * MINUTE)
    near = make_plan(channel, starts_at=EVENING + 10 * MINUTE)
    make_plan(channel, starts_at=EVENING + 40 * MINUTE)
    assert go_on_air(channel, EVENING).plan == near


def test_what_was_called_off_or_belongs_to_others_is_not_carried_out(channel: Channel) -> None:
    make_plan(channel, starts_at=EVENING, cancelled_at=AT)
    make_plan(starts_at=EVENING)
    stream = go_on_air(channel, EVENING)
    assert (stream.plan, stream.title) == (None, "")


def test_a_stream_that_follows_one_that_broke_off_carries_out_the_same(channel: Channel) -> None:
    plan = make_plan(channel, starts_at=EVENING)
    end(go_on_air(channel, EVENING), EVENING + MINUTE)
    assert go_on_air(channel, EVENING + 2 * MINUTE).plan == plan


def test_a_stream_keeps_its_title_when_its_encoder_comes_back(channel: Channel) -> None:
    stream = go_on_air(channel, AT)
    make_plan(channel, title="Night", starts_at=AT + MINUTE)
    live.mark_active(stream_id=stream.pk, facts={"width_px": 640}, at=AT + MINUTE)
    stream.refresh_from_db()
    assert stream.title == ""


# --- Coming up --------------------------------------------------------------------------------------------------------


def test_what_did_not_begin_is_waited_for_an_hour(channel: Channel) -> None:
    plan = make_plan(channel, starts_at=EVENING)
    assert coming_up(EVENING + HOUR - MINUTE) == [plan]
    assert coming_up(EVENING + HOUR) == []


def test_a_look_whether_all_is_well_leaves_the_broadcast_to_come(channel: Channel) -> None:
    plan = make_plan(channel, starts_at=EVENING)
    early = go_on_air(channel, EVENING - 30 * MINUTE)
    assert coming_up(EVENING - 25 * MINUTE) == []
    end(early, EVENING - 20 * MINUTE)
    assert coming_up(EVENING - 10 * MINUTE) == [plan]


def test_what_is_over_does_not_come_up_again(channel: Channel) -> None:
    make_plan(channel, starts_at=EVENING)
    end(go_on_air(channel, EVENING), EVENING + 10 * MINUTE)
    assert coming_up(EVENING + 20 * MINUTE) == []


def test_an_encoder_that_sent_nothing_was_no_broadcast(channel: Channel) -> None:
    plan = make_plan(channel, starts_at=EVENING)
    make_stream(channel, phase="failed", active_at=None, playable_at=None, ended_at=EVENING + MINUTE)
    assert coming_up(EVENING + 2 * MINUTE) == [plan]


def test_a_channel_that_is_on_air_for_long_keeps_what_is_to_come_until_then(channel: Channel) -> None:
    plan = make_plan(channel, starts_at=EVENING)
    go_on_air(channel, AT)
    assert coming_up(EVENING - MINUTE) == [plan]
    assert coming_up(EVENING) == []


def test_other_channels_do_not_matter(channel: Channel, editor: User) -> None:
    plan = make_plan(channel, starts_at=EVENING)
    go_on_air(make_channel(owner=editor), EVENING)
    assert coming_up(EVENING + MINUTE) == [plan]
