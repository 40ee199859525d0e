"""`Idempotency-Key`: the same creating call, sent again, creates nothing again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from catalog.models import Genre, Movie
from portal.api.idempotency import forget_answers
from portal.models import AuditEntry, RememberedAnswer, User
from portal.tasks import forget_answers as forget_task
from tests.concurrency import at_once, start_and_wait
from tests.factories import AT, make_genre

URL = "/api/v1/genres/"
DRAMA = {"name": "Drama"}


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def add(user: User, body: Any = None, *, key: str | None = "one", url: str = URL) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client_of(user).post(url, body or DRAMA, headers=headers)


@pytest.mark.django_db
def test_the_same_call_gets_the_same_answer_and_creates_once(editor: User) -> None:
    first, again = add(editor), add(editor)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert [again.headers[name] for name in ("ETag", "Location")] == [
        first.headers[name] for name in ("ETag", "Location")
    ]
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert Genre.objects.count() == AuditEntry.objects.filter(action="genre.created").count() == 1


@pytest.mark.django_db
def test_without_a_key_each_call_creates(editor: User) -> None:
    movie = {"title": "Meridian", "year": 2025}

    assert [add(editor, movie, key=None, url="/api/v1/movies/").status_code for _ in range(2)] == [201, 201]
    assert Movie.objects.count() == 2
    assert not RememberedAnswer.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "body"), [(URL, {"name": "Comedy"}), ("/api/v1/people/", DRAMA), (f"{URL}?page_size=2", DRAMA)]
)
def test_a_key_belongs_to_one_call(editor: User, url: str, body: dict[str, str]) -> None:
    add(editor)

    refused = add(editor, body, url=url)

    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")
    assert Genre.objects.count() == 1


@pytest.mark.django_db
def test_the_order_of_members_makes_no_other_call(editor: User) -> None:
    first = add(editor, {"name": "Drama", "slug": "drama"})
    again = add(editor, {"slug": "drama", "name": "Drama"})

    assert (again.status_code, again.json()) == (201, first.json())


@pytest.mark.django_db
def test_keys_of_two_people_are_two_keys(editor: User, administrator: User) -> None:
    add(editor)

    assert add(administrator, {"name": "Comedy"}).status_code == 201


@pytest.mark.django_db
def test_a_call_that_was_refused_may_be_mended_with_the_same_key(editor: User) -> None:
    taken = make_genre(name="Drama")
    assert add(editor).status_code == 409
    assert add(editor, {"name": ""}).status_code == 422

    assert add(editor, {"name": "Other than drama"}).status_code == 201
    assert Genre.objects.exclude(pk=taken.pk).count() == 1


@pytest.mark.django_db
def test_who_may_not_create_any_more_is_not_answered_from_memory(editor: User) -> None:
    add(editor)
    editor.groups.clear()

    assert add(User.objects.get(pk=editor.pk)).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", '""', '"', '"open', "two words", "a,b", "é", "x" * 256, f'"{"x" * 256}"', "a\x7f"])
def test_a_key_that_cannot_be_read_is_refused(editor: User, key: str) -> None:
    refused = add(editor, key=key)

    assert (refused.status_code, refused.json()["code"]) == (400, "malformed-request")
    assert not Genre.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "key", ["x" * 255, f'"{"x" * 255}"', "8e03978e-40d5-43dd-bc93-6894a57f9324", '"a key, with marks: #1"']
)
def test_a_key_is_any_short_text(editor: User, key: str) -> None:
    assert add(editor, key=key).status_code == 201
    assert add(editor, key=key).headers["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
def test_quotes_are_no_part_of_a_key(editor: User) -> None:
    add(editor, key="one")

    assert add(editor, key='"one"').headers["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
def test_a_key_is_forgotten_after_a_day(editor: User) -> None:
    add(editor)
    RememberedAnswer.objects.update(created_at=AT - timedelta(days=3650))

    renewed = add(editor, {"name": "Comedy"})

    assert (renewed.status_code, "Idempotency-Replayed" in renewed.headers) == (201, False)
    assert [answer.body for answer in RememberedAnswer.objects.all()] == [renewed.json()]


@pytest.mark.django_db
def test_old_answers_are_deleted_and_younger_ones_kept(editor: User) -> None:
    for hours, key in ((23, "young"), (24, "old"), (48, "older")):
        add(editor, {"name": key}, key=key)
        RememberedAnswer.objects.filter(key=key).update(created_at=AT - timedelta(hours=hours))

    assert forget_answers(at=AT) == 2
    assert list(RememberedAnswer.objects.values_list("key", flat=True)) == ["young"]


@pytest.mark.django_db
def test_the_hourly_task_deletes_them(editor: User) -> None:
    add(editor)
    forget_task()
    assert RememberedAnswer.objects.count() == 1

    RememberedAnswer.objects.update(created_at=AT - timedelta(days=3650))
    forget_task()

    assert not RememberedAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_the_same_call_many_times_at_once_one_creates(editor: User) -> None:
    answers = at_once(*[lambda: add(editor)] * 6)

    statuses = sorted(answer.status_code for answer in answers if not isinstance(answer, Exception))
    assert len(statuses) == 6
    assert set(statuses) <= {201, 409}
    assert Genre.objects.count() == AuditEntry.objects.filter(action="genre.created").count() == 1
    assert add(editor).headers["Idempotency-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_while_the_first_call_is_worked_on_the_second_is_asked_to_wait(editor: User) -> None:
    with transaction.atomic():
        # The address is booked by this transaction, so the first call waits inside its own.
        make_genre(name="Other", slug="drama")
        first = start_and_wait(lambda: add(editor, {"name": "Drama", "slug": "drama"}))
        second = add(editor, {"name": "Drama", "slug": "drama"})
        transaction.set_rollback(True)

    assert (second.status_code, second.json()["code"]) == (409, "request-in-progress")
    assert int(second.headers["Retry-After"]) >= 1
    assert first.result(20).status_code == 201
    assert Genre.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_not_kept_is_not_remembered(editor: User) -> None:
    """A process that dies between creating and remembering leaves neither."""
    with transaction.atomic():
        assert add(editor).status_code == 201
        transaction.set_rollback(True)

    assert not Genre.objects.exists()
    again = add(editor)
    assert (again.status_code, "Idempotency-Replayed" in again.headers) == (201, False)
