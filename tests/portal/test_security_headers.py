"""What the answers allow a browser to do: a page, the API, the admin, errors, static files."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from portal.models import User
from portal.security.policies import policies_by_prefix, viewer_policy
from tests.portal.processes import Web, get, running_web

pytestmark = pytest.mark.urls("tests.portal.security_probe_urls")

_HTTPS = {
    "NOVA_PUBLIC_URL": "https://nova.example",
    "NOVA_ORIGIN_URL": "https://media.nova.example",
    "NOVA_ALLOWED_HOSTS": "nova.example",
    "NOVA_TRUSTED_PROXY": "1",
    "NOVA_CORS_ORIGINS": "https://app.example",
}
# Each with its answer's status; all of them come from the real stack of middleware.
_ADDRESSES = {"/accounts/login/": 200, "/api/v1/": 200, "/admin/login/": 302, "/nowhere/": 404, "/probe/crash/": 500}


def policy_of(response: object) -> dict[str, set[str]]:
    directives = response.headers["Content-Security-Policy"].split("; ")  # type: ignore[attr-defined]
    return {name: set(values) for name, *values in (directive.split() for directive in directives)}


@pytest.fixture
def browser(db: None) -> Client:
    return Client(raise_request_exception=False)


def test_viewers_page_gets_the_strict_policy(browser: Client, settings: Settings) -> None:
    policy = policy_of(browser.get("/accounts/login/"))
    assert policy["default-src"] == {"'none'"}
    assert "'self'" in policy["script-src"]
    assert not {"'unsafe-inline'", "'unsafe-eval'"} & (policy["script-src"] | policy["style-src"])
    assert settings.NOVA_ORIGIN_URL in policy["img-src"] & policy["media-src"] & policy["connect-src"]
    assert f"ws://localhost:{settings.NOVA_HTTP_PORT}" in policy["connect-src"]
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == {"'none'"}
    assert policy["form-action"] == {"'self'"}


def test_nonce_of_the_page_stands_in_its_policy_and_changes_each_time(browser: Client) -> None:
    nonces = set()
    for _ in range(2):
        response = browser.get("/probe/styled/")
        found = re.search(r"nonce='([^']{22,})'", response.content.decode())
        assert found
        assert f"'nonce-{found.group(1)}'" in policy_of(response)["style-src"]
        nonces.add(found.group(1))
    assert len(nonces) == 2


def test_admin_gets_what_its_widgets_need_and_no_inline_script(browser: Client) -> None:
    policy = policy_of(browser.get("/admin/login/"))
    assert policy["script-src"] == {"'self'", "'unsafe-eval'"}
    assert policy["style-src"] == {"'self'", "'unsafe-inline'"}
    assert policy["default-src"] == policy["frame-ancestors"] == {"'none'"}


def test_answer_of_the_api_may_load_nothing(browser: Client) -> None:
    policy = policy_of(browser.get("/api/v1/"))
    assert set(policy) == {"default-src", "form-action", "frame-ancestors", "base-uri"}
    assert all(sources == {"'none'"} for sources in policy.values())


def test_documentation_of_the_api_may_run_its_own_scripts(browser: Client) -> None:
    policy = policy_of(browser.get("/api/v1/docs/"))
    assert policy["script-src"] == {"'self'"}
    assert policy["style-src"] == {"'self'", "'unsafe-inline'"}


@pytest.mark.parametrize(("path", "status"), _ADDRESSES.items())
def test_every_answer_carries_the_same_safeguards(browser: Client, path: str, status: int) -> None:
    response = browser.get(path)
    assert response.status_code == status
    assert policy_of(response)["default-src"] == {"'none'"}
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert "fullscreen=(self)" in response.headers["Permissions-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "Strict-Transport-Security" not in response.headers


def test_requests_are_upgraded_under_https_only() -> None:
    urls = {"public_url": "https://nova.example", "media_url": "https://media.nova.example"}
    assert viewer_policy(**urls, has_https=True)["upgrade-insecure-requests"] is True
    assert viewer_policy(**urls, has_https=False)["upgrade-insecure-requests"] is False


def test_longest_prefix_decides_and_a_lookalike_does_not(browser: Client) -> None:
    assert set(policies_by_prefix({"img-src": []}, embed_sites=[])) >= {"/admin/", "/api/", "/api/v1/docs/"}
    assert "'unsafe-eval'" not in policy_of(browser.get("/administration/"))["script-src"]


def test_foreign_host_is_refused_without_an_echo(browser: Client) -> None:
    response = browser.get("/accounts/login/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert b"evil.example" not in response.content


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(browser: Client) -> None:
    User.objects.create_user("ann", password="a-long-password")
    assert browser.get("/accounts/login/").cookies["csrftoken"]["samesite"] == "Lax"
    answer = browser.post("/accounts/login/", {"name": "ann", "password": "a-long-password"})
    session = answer.cookies["nova_session"]
    assert session["httponly"] is True
    assert session["samesite"] == "Lax"


@pytest.fixture(scope="module")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    (folder / "probe.css").write_text("a { color: red }")
    (folder / "staticfiles.json").write_text('{"version": "1.1", "paths": {"probe.css": "probe.css"}, "hash": ""}')
    return folder


@pytest.fixture(scope="module")
def web(static_root: Path) -> Iterator[Web]:
    """A real web process behind a proxy that speaks TLS."""
    with running_web({**_HTTPS, "NOVA_STATIC_DIR": str(static_root)}) as process:
        yield process


_PROXIED = {"Host": "nova.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}


def test_https_is_remembered_and_required(web: Web) -> None:
    answer = get(f"{web.url}/no/where/at/all/", _PROXIED)
    assert answer.status == 404
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert "upgrade-insecure-requests" in answer.headers["Content-Security-Policy"]
    assert "wss://nova.example" in answer.headers["Content-Security-Policy"]


def test_plain_http_is_sent_to_https(web: Web) -> None:
    answer = get(f"{web.url}/static/probe.css", {**_PROXIED, "X-Forwarded-Proto": "http"}, method="HEAD")
    assert answer.headers["Location"] == "https://nova.example/static/probe.css"


def test_static_file_carries_the_safeguards_and_no_grant_to_other_sites(web: Web) -> None:
    answer = get(f"{web.url}/static/probe.css", {**_PROXIED, "Origin": "https://app.example"})
    assert answer.status == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Access-Control-Allow-Origin"] is None


def test_listed_site_may_call_the_api_without_cookies(web: Web) -> None:
    answer = get(f"{web.url}/api/v1/", {**_PROXIED, "Origin": "https://app.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert answer.headers["Access-Control-Allow-Credentials"] is None
    assert "x-request-id" in answer.headers["Access-Control-Expose-Headers"]


def test_unlisted_site_may_not(web: Web) -> None:
    answer = get(f"{web.url}/api/v1/", {**_PROXIED, "Origin": "https://evil.example"})
    assert answer.headers["Access-Control-Allow-Origin"] is None


def test_listed_site_may_ask_for_uploads_in_pieces(web: Web) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    asked["Access-Control-Request-Headers"] = "tus-resumable, upload-offset"
    answer = get(f"{web.url}/api/v1/", {**_PROXIED, **asked}, method="OPTIONS")
    assert {"tus-resumable", "upload-offset"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))


def test_server_does_not_tell_its_software(web: Web) -> None:
    answer = get(f"{web.url}/nowhere/", _PROXIED)
    assert answer.headers["Server"] == "nova"
    assert answer.headers["X-Powered-By"] is None
