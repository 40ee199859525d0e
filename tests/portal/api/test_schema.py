"""The OpenAPI description: valid, complete, and as committed in docs/reference/openapi.yaml."""

import difflib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

SNAPSHOT = Path(__file__).parents[3] / "docs/reference/openapi.yaml"
REFRESH = "manage.py spectacular --file docs/reference/openapi.yaml"


@pytest.fixture(scope="module")
def described() -> str:
    """The description as it is now; making it fails on any warning."""
    out = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def operations(described: str) -> dict[str, dict[str, Any]]:
    paths = yaml.safe_load(described)["paths"]
    return {f"{method} {path}": operation for path, item in paths.items() for method, operation in item.items()}


def test_the_committed_description_is_up_to_date(described: str) -> None:
    committed = SNAPSHOT.read_text(encoding="utf-8")
    changes = list(difflib.unified_diff(committed.splitlines(), described.strip().splitlines(), lineterm="", n=1))
    assert not changes, f"The API has changed. If that is meant, run `{REFRESH}`.\n" + "\n".join(changes[:60])


def test_every_operation_declares_its_problems(described: str, operations: dict[str, dict[str, Any]]) -> None:
    components = yaml.safe_load(described)["components"]["responses"]
    for name, operation in operations.items():
        expected = {"400", "406", "429", "500", "503"}
        if any(operation["security"]):
            expected.add("401")
        if "{" in name:
            expected.add("404")
        if "requestBody" in operation:
            expected |= {"413", "415", "422"}
        assert set(operation["responses"]) >= expected, name
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                shared = components[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
                assert "application/problem+json" in shared["content"], f"{name} {status}"


def test_private_operations_name_their_ways_to_sign_in(operations: dict[str, dict[str, Any]]) -> None:
    assert operations["get /api/v1/auth/me/"]["security"] == [{"accessToken": []}, {"session": []}]
    assert {} in operations["get /api/v1/"]["security"]
    assert operations["post /api/v1/auth/token/"]["security"] == [{}]


def test_every_operation_has_a_tag_and_a_description(operations: dict[str, dict[str, Any]]) -> None:
    for name, operation in operations.items():
        assert operation["tags"], name
        assert operation["description"], name


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/vnd.oai.openapi"),
        ("application/yaml", "application/yaml"),
        ("application/json", "application/json"),
    ],
)
def test_it_is_served_as_yaml_and_as_json(api: APIClient, accept: str, content_type: str) -> None:
    response = api.get("/api/v1/schema/", HTTP_ACCEPT=accept)
    assert response.headers["Content-Type"].startswith(content_type)
    assert yaml.safe_load(response.content)["info"]["title"] == "Nova API"


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["docs", "redoc"])
def test_its_pages_need_no_inline_script_and_no_other_host(client: Client, page: str) -> None:
    html = client.get(f"/api/v1/{page}/").content.decode()
    scripts = html.count("<script")
    assert scripts > 0
    assert html.count('<script src="/') == scripts
    assert "<style" not in html
    assert "://" not in html.replace("http://testserver", "")


@pytest.mark.django_db
def test_the_script_of_the_docs_page_is_served_by_itself(client: Client) -> None:
    response = client.get("/api/v1/docs/?script=")
    assert response.headers["Content-Type"].startswith("application/javascript")
    assert b"SwaggerUIBundle" in response.content
