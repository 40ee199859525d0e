import pytest
from django.test import Client

from portal.models import User
from portal.telemetry.correlation import current_request_id

pytestmark = pytest.mark.urls("tests.portal.telemetry.probe_urls")


@pytest.fixture
def signed_in(client: Client, db: None) -> User:
    user = User.objects.create_superuser("boss", password="long-enough-1")
    client.force_login(user)
    return user


def test_line_of_a_request_names_the_user_who_asked(
    client: Client, signed_in: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="nova.requests"):
        client.get("/whoami/")
    assert _finished(caplog)["user_id"] == signed_in.pk


def test_nobody_is_named_where_nobody_was_looked_up(
    client: Client, signed_in: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG", logger="nova.requests"):
        client.get("/livez")
    assert "user_id" not in _finished(caplog)


def test_correlation_id_ends_with_its_request(client: Client, db: None) -> None:
    client.get("/livez")
    assert current_request_id() == ""


def _finished(caplog: pytest.LogCaptureFixture) -> dict[str, object]:
    (record,) = [record for record in caplog.records if record.name == "nova.requests"]
    assert isinstance(record.msg, dict)
    return record.msg
