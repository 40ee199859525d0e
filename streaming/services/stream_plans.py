"""Broadcasts that are announced: viewers are told what will begin, and when."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from portal import audit, events
from portal.ids import uuid7
from portal.models import User
from streaming.errors import StreamPlanExists, StreamPlanIsOver, StreamPlanOutOfReach, TooManyStreamPlans
from streaming.models import Channel, PlannedStream, Stream
from streaming.plan_events import StreamAnnounced, StreamCalledOff, StreamPlanChanged

# Of one channel: a busy one's week or two, and no list without an end for its viewers.
MOST_PLANS = 20
# Who plans further ahead does not know yet.
FARTHEST = timedelta(days=366)
_CHANGEABLE = frozenset({"title", "description", "starts_at"})


def announce_stream(
    *, channel: Channel, title: str, starts_at: datetime, by: User | None, at: datetime, description: str = ""
) -> PlannedStream:
    """Tell viewers of a broadcast to come. Raises StreamPlanOutOfReach, TooManyStreamPlans, StreamPlanExists."""
    _check_moment(starts_at, at)
    try:
        with transaction.atomic():
            # One at a time for each channel.
            Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
            if PlannedStream.objects.coming_up(at).filter(channel=channel).count() >= MOST_PLANS:
                raise TooManyStreamPlans(most=MOST_PLANS)
            plan = PlannedStream.objects.create(
                id=uuid7(at), channel=channel, title=title, description=description, starts_at=starts_at, created_at=at
            )
            after = {"channel": channel.slug, **_audited(plan)}
            audit.record("stream_plan.announced", plan, by=by, at=at, after=after)
            events.publish(StreamAnnounced.of(plan), at=at)
    except IntegrityError as error:
        raise StreamPlanExists() from error
    return plan


def change_plan(*, plan_id: UUID, facts: Mapping[str, object], by: User, at: datetime) -> PlannedStream:
    """Change any of title, description and beginning. What is said already changes nothing.

    Raises StreamPlanIsOver, StreamPlanOutOfReach, StreamPlanExists.
    """
    try:
        with transaction.atomic():
            plan = _locked(plan_id)
            _require_coming_up(plan, at)
            old = _audited(plan)
            for name in _CHANGEABLE & facts.keys():
                setattr(plan, name, facts[name])
            before, after = audit.changed_fields(old, _audited(plan))
            if not after:
                return plan
            if "starts_at" in after:
                _check_moment(plan.starts_at, at)
            plan.save(update_fields=after.keys())
            audit.record("stream_plan.changed", plan, by=by, at=at, before=before, after=after)
            events.publish(StreamPlanChanged.of(plan), at=at)
    except IntegrityError as error:
        raise StreamPlanExists() from error
    return plan


def call_off_stream(*, plan_id: UUID, by: User, at: datetime) -> PlannedStream:
    """Tell viewers that a broadcast will not take place; doing it twice changes nothing. Raises StreamPlanIsOver."""
    with transaction.atomic():
        plan = _locked(plan_id)
        if plan.cancelled_at is not None:
            return plan
        _require_coming_up(plan, at)
        plan.cancelled_at = at
        plan.save(update_fields=["cancelled_at"])
        audit.record("stream_plan.cancelled", plan, by=by, at=at)
        events.publish(StreamCalledOff.of(plan), at=at)
    return plan


def carry_out_plan(stream: Stream, *, at: datetime) -> None:
    """Let a stream that goes on air be the broadcast that its channel has announced for about now, if it has.

    The caller holds the stream's row, and saves its `plan` and `title`. A stream that goes on air in place of one that
    broke off carries out the same plan.
    """
    plans = PlannedStream.objects.select_for_update(no_key=True).near(at).filter(channel=stream.channel_id)
    plan = min(plans.order_by("starts_at"), key=lambda plan: abs(plan.starts_at - at), default=None)
    if plan is None:
        return
    stream.plan, stream.title = plan, plan.title
    audit.record("stream_plan.carried_out", plan, by=None, at=at, after={"stream": str(stream.pk)})


def _check_moment(starts_at: datetime, at: datetime) -> None:
    if not at < starts_at <= at + FARTHEST:
        raise StreamPlanOutOfReach()


def _locked(plan_id: UUID) -> PlannedStream:
    plans = PlannedStream.objects.select_for_update(of=("self",), no_key=True)
    return plans.select_related("channel").get(pk=plan_id)


def _require_coming_up(plan: PlannedStream, at: datetime) -> None:
    """Call it with the row locked: a stream that goes on air meanwhile has the plan already, or waits for it."""
    if not PlannedStream.objects.coming_up(at).filter(pk=plan.pk).exists():
        raise StreamPlanIsOver()


def _audited(plan: PlannedStream) -> dict[str, object]:
    return {"title": plan.title, "description": plan.description, "starts_at": plan.starts_at}
