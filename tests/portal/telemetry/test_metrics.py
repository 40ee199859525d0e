from collections import Counter

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


@pytest.mark.django_db
@pytest.mark.urls("tests.portal.telemetry.probe_urls")
def test_requests_are_counted_with_how_they_ended(client: Client) -> None:
    client.raise_request_exception = False
    view = {"view": "tests.portal.telemetry.probe_urls.whoami", "method": "GET"}
    names: dict[str, dict[str, str]] = {
        "django_http_requests_total_by_method_total": {"method": "GET"},
        "django_http_responses_total_by_status_total": {"status": "500"},
        "django_http_responses_total_by_status_view_method_total": {"status": "200", **view},
        "django_http_requests_latency_seconds_by_view_method_count": view,
        "django_http_exceptions_total_by_type_total": {"type": "ValueError"},
    }

    def figures() -> Counter[str]:
        return Counter({name: int(REGISTRY.get_sample_value(name, labels) or 0) for name, labels in names.items()})

    before = figures()
    client.get("/whoami/")
    client.get("/crash/")
    assert figures() - before == {**dict.fromkeys(names, 1), "django_http_requests_total_by_method_total": 2}


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
