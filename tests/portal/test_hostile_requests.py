"""What strangers send to pages: none of it is an error of ours, and none of it comes back as anything but text."""

from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from portal.models import AuditEntry, User
from tests.factories import AT, PASSWORD, make_genre, make_movie, make_user

pytestmark = pytest.mark.django_db

TEXTS = (
    *("\0", "a\0b", "\ud800", "\u202eevil", "\ufeff", "é" * 300, "x" * 5000, "9" * 400, "٣", "-1", "1e999", "NaN"),
    *("%s%n{0}{{7*7}}", "' OR 1=1 --", "\\", '"', "\r\nSet-Cookie: nova_session=evil", "../../etc/passwd", "\x1b[2J"),
)
PAGES = ("/movies/", "/movies/meridian/", "/accounts/login/")
ODD_PATHS = (
    *("/%00", "/movies/%00/", "/movies/a%00b/", "/%ff%fe/", "/movies/%ff/", "/movies/%c3%28/", "/movies/%0d%0aX/"),
    *("/movies/..%2f..%2fetc/", "/%2e%2e/", "/movies/%E2%80%AE/", "/problems/%00/", "/a%0aSet:b"),
    *(f"/movies/{'a' * 8000}/", f"/{'a/' * 4000}", "/accounts/login/%00", "/static/%00", "/static/..%2f..%2fpasswd"),
    *("/admin/%00/", "/admin/catalog/movie/%00/change/", "/design/%00", "/api/v1/movies/%00/", "/%", "/%zz/"),
)
# Each of a kind that has a branch of its own in what the admin is made of.
STAFF_TEXTS = ("\0", "\ud800", "x" * 5000, "9" * 400, "-1", "NaN")
HEADERS = ("accept", "accept-language", "referer", "user-agent", "x-request-id", "if-none-match", "range", "origin")


@pytest.fixture(autouse=True)
def _world(settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = dict.fromkeys(settings.NOVA_RATE_LIMITS, "off")
    make_movie(slug="meridian", genres=(make_genre(),))


def assert_is_no_fault_of_ours(response: Any, sent: object) -> None:
    """A redirect, a page or a refusal: with an id, and with no header that the stranger wrote."""
    assert response.status_code < 500, sent
    assert response.headers["X-Request-ID"].isascii(), sent
    assert all("\n" not in value and "\r" not in value for value in response.headers.values()), sent
    assert all(cookie.value != "evil" for cookie in response.cookies.values()), sent


@pytest.mark.parametrize("path", PAGES)
def test_no_query_breaks_a_page(client: Client, path: str) -> None:
    for name in ("q", "cursor", "next"):
        for text in TEXTS:
            sent = f"{path}?{quote(name)}={quote(text, errors='surrogatepass')}"
            assert_is_no_fault_of_ours(client.get(sent), sent)


@pytest.mark.parametrize("query", ["%ff", "q=%ff%fe", "q=%c3%28", "q=%ed%a0%80", "&&=&", "q", "q=a;b", "%00=%00"])
def test_a_query_that_is_no_text_breaks_no_page(client: Client, query: str) -> None:
    for path in PAGES:
        assert_is_no_fault_of_ours(client.get(f"{path}?{query}"), query)


@pytest.mark.parametrize("person", [None, "operator"])
def test_no_address_breaks_the_portal(request: pytest.FixtureRequest, client: Client, person: str | None) -> None:
    if person:
        client.force_login(request.getfixturevalue(person))
    for path in ODD_PATHS:
        response = client.generic("GET", path)
        assert_is_no_fault_of_ours(response, path)
        assert response.status_code in {301, 302, 400, 404}, path
        location = response.headers.get("Location", "/")
        assert location.startswith("/"), path
        assert not location.startswith("//"), path


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_breaks_a_page(client: Client, name: str) -> None:
    for text in TEXTS:
        value = text.encode("utf-8", "surrogatepass").decode("latin-1")
        assert_is_no_fault_of_ours(client.get("/movies/", headers={name: value}), (name, text))


@pytest.mark.parametrize("name", ["nova_session", "csrftoken", "nova_theme", django_settings.LANGUAGE_COOKIE_NAME, ""])
def test_no_cookie_breaks_a_page(name: str) -> None:
    for text in TEXTS:
        client = Client()
        value = text.encode("utf-8", "surrogatepass").decode("latin-1")
        response = client.get("/accounts/profile/", headers={"cookie": f"{name}={value}"})
        assert_is_no_fault_of_ours(response, (name, text))


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost:99999", "localhost\0", "[::1", "a" * 3000, "localhost/"]
)
def test_a_host_that_is_not_ours_is_refused_and_not_repeated(client: Client, host: str) -> None:
    response = client.get("/movies/", headers={"host": host})
    assert response.status_code == (400 if host != "localhost:99999" else response.status_code)
    assert_is_no_fault_of_ours(response, host)
    assert b"evil.example" not in response.content


@pytest.mark.parametrize("path", ["//evil.example", "//evil.example/..", "/\\evil.example", "///evil.example"])
def test_the_slash_that_is_added_leads_to_no_other_site(client: Client, path: str) -> None:
    response = client.get("/", PATH_INFO=path)
    assert response.status_code in {301, 404}
    assert not response.headers.get("Location", "/").startswith(("//", "/\\", "http"))


def test_nothing_typed_at_the_door_breaks_it(client: Client) -> None:
    make_user(username="ada", password=PASSWORD)
    for text in TEXTS:
        for field in ("name", "password", "next"):
            sent = {"name": "ada", "password": "wrong, and long enough", field: text}
            response = client.post("/accounts/login/", _form(sent), content_type=_FORM)
            assert_is_no_fault_of_ours(response, sent)
            assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("text", ["//evil.example", "https:evil.example", "\\\\evil.example", "/\t/evil.example",
                                  "javascript:alert(1)", "http:///evil.example", "/\\evil.example"])  # fmt: skip
@pytest.mark.parametrize("path", ["/accounts/login/", "/preferences/", "/accounts/logout/"])
def test_no_form_sends_people_to_another_site(client: Client, path: str, text: str) -> None:
    ada = make_user(username="ada", password=PASSWORD)
    if "logout" in path:
        client.force_login(ada)
    response = client.post(path, {"name": "ada", "password": PASSWORD, "theme": "light", "next": text})
    assert (response.status_code, response.headers["Location"]) == (302, "/")


def test_no_choice_of_theme_or_language_breaks_the_page_or_its_cookies(client: Client) -> None:
    for text in TEXTS:
        for field in ("theme", "language", "next"):
            sent = {"theme": "light", field: text}
            response = client.post("/preferences/", _form(sent), content_type=_FORM)
            assert_is_no_fault_of_ours(response, sent)
            assert {cookie.value for cookie in response.cookies.values()} <= {"light"}


def test_no_profile_breaks_its_page(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    for text in TEXTS:
        for field in ("display_name", "email", "language"):
            response = client.post("/accounts/profile/", _form({field: text}), content_type=_FORM)
            assert_is_no_fault_of_ours(response, (field, text))


def test_no_new_password_breaks_its_page(client: Client) -> None:
    ada = make_user(username="ada", password=PASSWORD)
    for text in TEXTS:
        client.force_login(ada)
        for field in ("old_password", "new_password1", "new_password2"):
            sent = {"old_password": PASSWORD, "new_password1": text, "new_password2": text, field: text}
            assert_is_no_fault_of_ours(client.post("/accounts/password/", _form(sent), content_type=_FORM), sent)


# --- The admin --------------------------------------------------------------------------------------------------------


# What the autocompletion of a film's genres asks for.
_GENRES = "app_label=catalog&model_name=movie&field_name=genres"


def _admin_lists() -> Iterator[tuple[str, str]]:
    catalogue = ("q", "o", "p", "all", "visibility__exact", "genres__id__exact", "year_from", "year_to", "missing")
    trail = ("q", "o", "p", "at_from_0", "at_from_1", "at_to_0", "at_to_1", "action__icontains", "object_id__icontains")
    people = ("q", "o", "p", "e", "is_staff__exact", "groups__id__exact", "_popup", "_to_field")
    for path, names in (("catalog/movie", catalogue), ("catalog/genre", people), ("portal/auditentry", trail),
                        ("portal/user", people), ("auth/group", people), ("streaming/channel", people[:3]),
                        ("autocomplete", ("term", "app_label", "model_name", "field_name", "page"))):  # fmt: skip
        yield from ((path, name) for name in names)


@pytest.mark.parametrize(("path", "name"), tuple(_admin_lists()))
def test_no_query_breaks_a_list_of_the_admin(client: Client, administrator: User, path: str, name: str) -> None:
    client.force_login(administrator)
    for text in STAFF_TEXTS:
        known = f"{_GENRES}&" if path == "autocomplete" else ""
        sent = f"/admin/{path}/?{known}{name}={quote(text, errors='surrogatepass')}"
        assert_is_no_fault_of_ours(client.get(sent), sent)


@pytest.mark.parametrize("path", ["catalog/movie", "catalog/genre", "portal/auditentry", "portal/user", "auth/group"])
def test_no_id_breaks_a_page_of_the_admin(client: Client, administrator: User, path: str) -> None:
    client.force_login(administrator)
    pages = ("change/", "history/", "delete/", "password/")
    for text, page in product((*STAFF_TEXTS, "0", "9" * 30, "_5F"), pages):
        sent = f"/admin/{path}/{quote(text, safe='', errors='surrogatepass')}/{page}"
        assert_is_no_fault_of_ours(client.generic("GET", sent), sent)


@pytest.mark.parametrize("path", ["catalog/movie", "catalog/genre", "portal/user", "auth/group"])
def test_no_form_of_the_admin_breaks(client: Client, administrator: User, path: str) -> None:
    client.force_login(administrator)
    fields = ("title", "slug", "synopsis", "year", "runtime_min", "genres", "visibility", "seen_version", "name",
              "username", "email", "permissions", "groups", "password1", "action", "_selected_action")  # fmt: skip
    for text in STAFF_TEXTS:
        sent = {**dict.fromkeys(fields, text), "year": "2020", "title": "A film"}
        response = client.post(f"/admin/{path}/add/", _form(dict.fromkeys(fields, text)), content_type=_FORM)
        assert_is_no_fault_of_ours(response, text)
        assert_is_no_fault_of_ours(client.post(f"/admin/{path}/", _form(sent), content_type=_FORM), text)


# --- Markup -----------------------------------------------------------------------------------------------------------

MARK = "<b onclick=x>\"'&</b><script>alert(1)</script>"


@pytest.fixture
def _marked(administrator: User) -> None:
    genre = make_genre(name=f"G{MARK}"[:60], slug="marked")
    texts: dict[str, Any] = dict.fromkeys(("title", "original_title", "tagline", "synopsis"), MARK)
    for number in range(4):
        make_movie(slug=f"marked-{number}", genres=(genre,), **{**texts, "original_title": f"{number}{MARK}"})
    administrator.display_name = MARK
    administrator.save()
    AuditEntry.objects.create(
        at=AT, action="user.sign_in_failed", actor_label=MARK, object_type="portal.user", object_label=MARK,
        object_id=str(administrator.pk), before={MARK: MARK}, after={MARK: [MARK]}, request_id="a<b>c",
    )  # fmt: skip


@pytest.mark.usefixtures("_marked")
@pytest.mark.parametrize(
    "path",
    [
        *("/", "/movies/", "/movies/marked-1/", "/accounts/profile/", "/accounts/login/", f"/movies/?q={quote(MARK)}"),
        *(
            "/admin/",
            "/admin/catalog/movie/",
            "/admin/catalog/genre/",
            "/admin/portal/user/",
            "/admin/portal/auditentry/",
        ),
        *(
            f"/admin/catalog/movie/?q={quote(MARK)}",
            f"/movies/{quote(MARK, safe='')}/",
            f"/accounts/login/?next=/{MARK}",
        ),
        *("movie change", "movie history", "genre change", "auditentry change", "user change", "user history"),
    ],
)
def test_markup_that_somebody_wrote_is_shown_as_text(client: Client, administrator: User, path: str) -> None:
    client.force_login(administrator)
    text = client.get(_resolve(path, administrator)).content.decode()
    assert len(text) > 1000
    assert "<b onclick" not in text
    assert "<script>alert" not in text


def _resolve(path: str, person: User) -> str:
    """Return the address that "movie change" stands for."""
    from catalog.models import Genre, Movie

    kind, _, page = path.partition(" ")
    if " " not in path or path.startswith("/"):
        return path
    model: Any = {"movie": Movie, "genre": Genre, "auditentry": AuditEntry, "user": User}[kind]
    pk = person.pk if model is User else model.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return f"/admin/{model._meta.app_label}/{kind}/{pk}/{page}/"


_FORM = "application/x-www-form-urlencoded"


def _form(fields: dict[str, str]) -> str:
    """Encode as a hostile client would: also what is no character."""
    return "&".join(f"{name}={quote(value, safe='', errors='surrogatepass')}" for name, value in fields.items())
