"""The studio: broadcasts to come are announced, changed and called off by whoever runs the channel."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from portal import clock
from portal.accounts.roles import Role
from streaming.models import Channel, PlannedStream
from streaming.services.stream_plans import MOST_PLANS
from tests.factories import make_channel, make_plan, make_user

pytestmark = pytest.mark.django_db

PAGE = "/studio/harbour/"
DAY = timedelta(days=1)


@pytest.fixture
def channel() -> Channel:
    return make_channel(slug="harbour", title="Harbour")


@pytest.fixture
def desk(client: Client, channel: Channel) -> Client:
    """The browser of the channel's owner."""
    client.force_login(channel.owner)
    return client


def said(at: datetime, plan: PlannedStream | None = None, **overrides: str) -> dict[str, str]:
    """Return what a browser in Bangkok sends, of a new broadcast or of one that is to be changed."""
    zone = "Asia/Bangkok"
    local = at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
    form = {"title": "Regatta", "description": "", "starts_local": local, "time_zone": zone}
    return {"plan": str(plan.pk) if plan else "", **form, **overrides}


def call_off_path(plan: PlannedStream) -> str:
    return f"{PAGE}plans/{plan.pk}/call-off/"


def tomorrow() -> datetime:
    return (clock.now() + DAY).replace(second=0, microsecond=0)


def test_a_time_is_taken_as_the_browsers_clock_shows_it(desk: Client) -> None:
    at = tomorrow()
    response = desk.post(PAGE, said(at, description="Ships."), follow=True)
    plan = PlannedStream.objects.get()
    assert (plan.title, plan.description, plan.starts_at) == ("Regatta", "Ships.", at)
    html = response.content.decode()
    assert "“Regatta” is announced." in html
    assert f'data-at="{at.isoformat()}"' in html


def test_a_time_that_clocks_show_twice_is_the_first(desk: Client) -> None:
    year = clock.now().year + (clock.now() > datetime(clock.now().year, 10, 1, tzinfo=UTC))
    # Clocks are put back on the last Sunday of October.
    day = max(day for day in range(25, 32) if datetime(year, 10, day, tzinfo=UTC).weekday() == 6)
    form = {"plan": "", "title": "Night", "starts_local": f"{year}-10-{day}T02:30", "time_zone": "Europe/Berlin"}
    desk.post(PAGE, form)
    assert PlannedStream.objects.get().starts_at == datetime(year, 10, day, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"title": ""}, "This field is required."),
        ({"title": "x" * 121}, "at most 120 characters"),
        ({"title": "a\x1bb"}, "cannot be seen"),
        ({"description": "x" * 2001}, "at most 2000 characters"),
        ({"starts_local": "soon"}, "Write a day and a time"),
        ({"starts_local": "2020-01-01T20:00"}, "Choose a moment to come"),
        ({"starts_local": "9999-12-31T20:00"}, "between the years"),
        ({"time_zone": "../etc/passwd"}, "This time zone is not known here."),
        ({"time_zone": ""}, "This time zone is not known here."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    desk: Client, fault: dict[str, str], words: str
) -> None:
    response = desk.post(PAGE, said(tomorrow(), description="Kept.") | fault)
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html.partition('id="coming-up-title"')[2]
    assert " open" in html.partition('class="studio-plan-form"')[2].partition(">")[0]
    assert "Kept." in html or "description" in fault
    assert not PlannedStream.objects.exists()


def test_another_at_that_moment_or_one_too_many_is_refused_with_its_reason(desk: Client, channel: Channel) -> None:
    at = tomorrow()
    make_plan(channel, starts_at=at)
    assert "is announced for this moment" in desk.post(PAGE, said(at)).content.decode()
    for number in range(1, MOST_PLANS):
        make_plan(channel, starts_at=at + number * DAY)
    assert "Call one off first" in desk.post(PAGE, said(at + timedelta(hours=1))).content.decode()
    assert PlannedStream.objects.count() == MOST_PLANS


def test_a_plan_is_changed_on_the_page(desk: Client, channel: Channel) -> None:
    plan = make_plan(channel, starts_at=tomorrow())
    later = tomorrow() + DAY
    response = desk.post(PAGE, said(later, plan, title="Storm"), follow=True)
    assert "Viewers are told of the change." in response.content.decode()
    plan.refresh_from_db()
    assert (plan.title, plan.starts_at) == ("Storm", later)


def test_a_change_that_is_refused_keeps_what_was_typed(desk: Client, channel: Channel) -> None:
    plan, other = (make_plan(channel, starts_at=tomorrow() + number * DAY) for number in (0, 1))
    response = desk.post(PAGE, said(other.starts_at, plan, title="Storm"))
    html = response.content.decode()
    assert response.status_code == 422
    assert f'id="plan-{plan.pk}-title"' in html
    assert 'value="Storm"' in html
    assert "is announced for this moment" in html


def test_what_is_over_is_neither_changed_nor_called_off(desk: Client, channel: Channel) -> None:
    plan = make_plan(channel, title="Old", starts_at=clock.now() - DAY)
    for path, form in ((PAGE, said(tomorrow(), plan)), (call_off_path(plan), {})):
        assert "The broadcast is not coming up any more" in desk.post(path, form, follow=True).content.decode()
    assert PlannedStream.objects.get().title == "Old"


def test_calling_off_takes_it_from_the_page(desk: Client, channel: Channel) -> None:
    plan = make_plan(channel, title="Regatta", starts_at=tomorrow())
    assert str(plan.pk) in desk.get(PAGE).content.decode()
    html = desk.post(call_off_path(plan), follow=True).content.decode()
    assert "“Regatta” is called off." in html
    assert str(plan.pk) not in html


def test_others_have_no_hand_in_it(client: Client, channel: Channel) -> None:
    plan = make_plan(channel, starts_at=tomorrow())
    at = tomorrow() + DAY
    calls = [(PAGE, said(at)), (PAGE, said(at, plan)), (call_off_path(plan), {})]
    for path, form in calls:
        assert client.post(path, form).status_code == 302
    client.force_login(make_user(Role.BROADCASTER))
    assert {client.post(path, form).status_code for path, form in calls} == {403}
    Channel.objects.update(visibility="PRIVATE")
    assert {client.post(path, form).status_code for path, form in calls} == {404}
    assert list(PlannedStream.objects.values_list("title", "cancelled_at")) == [(plan.title, None)]


def test_a_plan_is_found_on_its_own_channel_only(desk: Client) -> None:
    plan = make_plan(starts_at=tomorrow())
    assert desk.post(PAGE, said(tomorrow(), plan)).status_code == 404
    assert desk.post(call_off_path(plan)).status_code == 404


@pytest.mark.parametrize("nobodys", ["no id", "9" * 40, "00000000-0000-0000-0000-000000000001"])
def test_a_plan_that_is_not_there_is_not_found(desk: Client, nobodys: str) -> None:
    assert desk.post(PAGE, said(tomorrow()) | {"plan": nobodys}).status_code == 404


def test_editors_announce_for_every_channel(client: Client, channel: Channel) -> None:
    client.force_login(make_user(Role.EDITOR))
    client.post(PAGE, said(tomorrow()))
    assert PlannedStream.objects.get().channel == channel
