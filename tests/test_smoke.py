import pytest
from django.test import Client


@pytest.mark.django_db
def test_livez(client: Client) -> None:
    assert client.get("/livez").content == b"ok\n"
