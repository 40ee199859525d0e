import pytest
from django.test import Client
from prometheus_client import REGISTRY
from pytest_django import Settings

_TOKEN = "a-token-for-prometheus"
_ELSEWHERE = "203.0.113.9"


def test_metrics_are_shown_to_this_machine(client: Client) -> None:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    assert b"django_http_requests_before_middlewares_total" in response.content


def test_metrics_are_not_there_for_anybody_else(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR=_ELSEWHERE).status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_proxy_on_this_machine_does_not_open_them_to_strangers(client: Client, header: str) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_token_opens_them_from_elsewhere(client: Client, settings: Settings) -> None:
    settings.NOVA_METRICS_TOKEN = _TOKEN
    headers = {"Authorization": f"Bearer {_TOKEN}"}
    assert client.get("/metrics", REMOTE_ADDR=_ELSEWHERE, headers=headers).status_code == 200


@pytest.mark.parametrize("presented", ["Bearer wrong", "Bearer ", f"Basic {_TOKEN}", "Bearer ключ"])
def test_wrong_token_opens_nothing(client: Client, settings: Settings, presented: str) -> None:
    settings.NOVA_METRICS_TOKEN = _TOKEN
    response = client.get("/metrics", REMOTE_ADDR=_ELSEWHERE, headers={"Authorization": presented})
    assert response.status_code == 404


def test_empty_token_opens_nothing_where_none_is_set(client: Client, settings: Settings) -> None:
    settings.NOVA_METRICS_TOKEN = ""
    response = client.get("/metrics", REMOTE_ADDR=_ELSEWHERE, headers={"Authorization": "Bearer "})
    assert response.status_code == 404


@pytest.mark.urls("tests.portal.telemetry.probe_urls")
def test_labels_name_views_and_never_what_the_client_sent(client: Client) -> None:
    for number in range(3):
        client.generic(f"BREW{number}", f"/nowhere/{number}/")
        client.get(f"/nowhere/{number}/?page={number}")
    labels = [
        value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name.startswith("django_http")
        for value in sample.labels.values()
    ]
    assert "<invalid method>" in labels
    assert not [value for value in labels if "BREW" in value or "nowhere" in value]
