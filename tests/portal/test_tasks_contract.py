"""Every task of every app: what a broker, a scheduler and an older worker may rely on."""

import inspect
from typing import Any

import pytest
from celery.schedules import crontab
from django.conf import settings

from portal.celery import app
from portal.redis_urls import celery_url

app.loader.import_default_modules()
OURS = sorted(name for name in app.tasks if name.split(".")[0] in ("portal", "catalog", "streaming", "analytics"))


def task(name: str) -> Any:
    return app.tasks[name]


def test_there_are_tasks_to_hold() -> None:
    assert {"catalog.verify_upload", "catalog.expire_uploads", "portal.forget_old_audit_entries"} <= set(OURS)


@pytest.mark.parametrize("name", OURS)
def test_a_task_is_named_after_its_app_and_function(name: str) -> None:
    """A name that moved with its module would strand what is queued."""
    function = task(name).run
    assert name == f"{function.__module__.split('.')[0]}.{function.__name__}"


@pytest.mark.parametrize("name", OURS)
def test_a_task_is_told_to_stop_before_it_is_made_to(name: str) -> None:
    soft, hard = task(name).soft_time_limit, task(name).time_limit
    if hard is not None:
        assert soft is not None
        assert 0 < soft < hard <= settings.CELERY_TASK_TIME_LIMIT


def test_the_limits_of_all_others_are_in_order() -> None:
    assert 0 < settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT


def test_no_task_is_handed_out_twice_while_it_may_still_run() -> None:
    visibility_timeout: Any = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert visibility_timeout > settings.CELERY_TASK_TIME_LIMIT


@pytest.mark.parametrize("name", OURS)
def test_a_task_takes_names_that_it_does_not_know(name: str) -> None:
    """A newer web process may say more than an older worker understands."""
    parameters = inspect.signature(task(name).run).parameters.values()
    assert any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters), name


@pytest.mark.parametrize("name", OURS)
def test_a_task_takes_ids_and_words_by_name_alone(name: str) -> None:
    parameters = inspect.signature(task(name).run).parameters.values()
    named = [parameter for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD]
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in named)
    assert all(parameter.annotation in (int, str) for parameter in named), "what is sent is JSON"


@pytest.mark.parametrize("name", OURS)
def test_a_task_is_an_interface_and_holds_no_logic(name: str) -> None:
    lines = inspect.getsource(task(name).run).splitlines()
    assert len(lines) <= 12


@pytest.mark.parametrize("entry", sorted(app.conf.beat_schedule))
def test_what_is_scheduled_exists(entry: str) -> None:
    assert app.conf.beat_schedule[entry]["task"] in app.tasks


@pytest.mark.parametrize("entry", sorted(app.conf.beat_schedule))
def test_what_is_scheduled_needs_nothing_said(entry: str) -> None:
    function = task(app.conf.beat_schedule[entry]["task"]).run
    needed = [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    ]
    assert needed == []


@pytest.mark.parametrize("entry", sorted(app.conf.beat_schedule))
def test_what_is_scheduled_can_be_sent_by_its_name_alone(entry: str) -> None:
    """Beat loads no task: of its options it knows none, and workers only those that say how long it may take."""
    options = task(app.conf.beat_schedule[entry]["task"])._get_exec_options()
    given = {name for name, value in options.items() if value is not None}
    assert given <= {"serializer", "soft_time_limit", "time_limit"}
    assert options["serializer"] == app.conf.task_serializer


def test_no_two_chores_of_an_hour_begin_together() -> None:
    """A small machine does one thing at a time."""
    chores: list[Any] = [
        entry["schedule"] for entry in app.conf.beat_schedule.values() if isinstance(entry["schedule"], crontab)
    ]
    moments = [(tuple(sorted(chore.hour)), tuple(sorted(chore.minute))) for chore in chores]
    assert len(set(moments)) == len(moments)


def test_results_are_not_kept_anywhere() -> None:
    """Rows are the truth of what was done; nobody waits for a task in a request."""
    assert settings.CELERY_TASK_IGNORE_RESULT is True
    assert app.conf.broker_url == celery_url(settings.NOVA_REDIS_URL)
