"""Two hands on what is announced at the same moment, on the real database."""

from datetime import timedelta

import pytest
from django.db import transaction

from streaming.errors import StreamPlanExists, StreamPlanIsOver, TooManyStreamPlans
from streaming.models import PlannedStream, Stream
from streaming.services import live
from streaming.services.stream_plans import MOST_PLANS, announce_stream, call_off_stream
from tests.concurrency import at_once, start_and_wait
from tests.factories import AT, make_channel, make_plan, make_stream, make_user

pytestmark = pytest.mark.django_db(transaction=True)

EVENING = AT + timedelta(days=1)


def test_of_two_for_one_moment_one_is_announced() -> None:
    channel = make_channel()

    def announce() -> PlannedStream:
        return announce_stream(channel=channel, title="Night", starts_at=EVENING, by=None, at=AT)

    outcomes = at_once(announce, announce, announce)
    assert sum(isinstance(outcome, StreamPlanExists) for outcome in outcomes) == 2
    assert PlannedStream.objects.count() == 1


def test_no_number_of_hands_announces_too_many() -> None:
    channel = make_channel()
    for _ in range(MOST_PLANS - 1):
        make_plan(channel)

    def announce(number: int) -> PlannedStream:
        starts_at = EVENING + timedelta(days=30, hours=number)
        return announce_stream(channel=channel, title="Night", starts_at=starts_at, by=None, at=AT)

    outcomes = at_once(lambda: announce(1), lambda: announce(2), lambda: announce(3))
    assert sum(isinstance(outcome, TooManyStreamPlans) for outcome in outcomes) == 2
    assert PlannedStream.objects.count() == MOST_PLANS


def test_a_stream_does_not_carry_out_what_is_called_off_as_it_goes_on_air() -> None:
    channel, by = make_channel(), make_user()
    plan, stream = make_plan(channel, starts_at=EVENING), make_stream(channel, phase="pending", started_at=EVENING)
    with transaction.atomic():
        call_off_stream(plan_id=plan.pk, by=by, at=EVENING)
        on_air = start_and_wait(lambda: live.mark_active(stream_id=stream.pk, facts={}, at=EVENING))
    on_air.result(20)
    assert Stream.objects.get().plan is None


def test_what_goes_on_air_meanwhile_is_not_called_off() -> None:
    channel, by = make_channel(), make_user()
    plan, stream = make_plan(channel, starts_at=EVENING), make_stream(channel, phase="pending", started_at=EVENING)
    with transaction.atomic():
        live.mark_active(stream_id=stream.pk, facts={}, at=EVENING)
        calling_off = start_and_wait(lambda: call_off_stream(plan_id=plan.pk, by=by, at=EVENING))
    with pytest.raises(StreamPlanIsOver):
        calling_off.result(20)
    assert Stream.objects.get().plan == plan
