from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
from django.conf import settings as django_settings
from django.db import connections
from pytest_django import Settings
from rest_framework.test import APIClient
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from portal import clock
from portal.accounts.tokens import issue_tokens, rotate_tokens
from portal.errors import NotSignedIn
from portal.models import AuditEntry, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

TOKEN = "/api/v1/auth/token/"
REFRESH = "/api/v1/auth/token/refresh/"
ME = "/api/v1/auth/me/"


@pytest.fixture
def ada() -> User:
    return make_user(username="ada", email="ada@example.com", password=PASSWORD)


def _obtain(api: APIClient, name: str = "ada", password: str = PASSWORD) -> dict[str, str]:
    tokens: dict[str, str] = api.post(TOKEN, {"username": name, "password": password}).json()
    return tokens


def _me_status(api: APIClient, access: str) -> int:
    return api.get(ME, HTTP_AUTHORIZATION=f"Bearer {access}").status_code


def _forge(claims: Mapping[str, object], *, key: str = "") -> str:
    return jwt.encode(dict(claims), key or str(django_settings.SIMPLE_JWT["SIGNING_KEY"]), algorithm="HS256")


def _claims(access: str) -> dict[str, object]:
    claims: dict[str, object] = jwt.decode(access, options={"verify_signature": False})
    return claims


@pytest.mark.parametrize("name", ["ada", "ADA", "ada@example.com"])
@pytest.mark.usefixtures("ada")
def test_a_name_or_email_and_its_password_give_tokens(api: APIClient, name: str) -> None:
    response = api.post(TOKEN, {"username": name, "password": PASSWORD})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    tokens = response.json()
    assert set(tokens) == {"access", "refresh", "expires_in_s"}
    assert tokens["expires_in_s"] == 600
    assert api.get(ME, HTTP_AUTHORIZATION=f"Bearer {tokens['access']}").json()["username"] == "ada"


def test_a_token_says_for_whom_from_whom_and_until_when(api: APIClient, ada: User, settings: Settings) -> None:
    claims = _claims(_obtain(api)["access"])
    assert claims["sub"] == str(ada.pk)
    assert claims["iss"] == settings.NOVA_PUBLIC_URL
    assert claims["aud"] == "nova-api"
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == 600
    assert ada.password not in str(claims)


@pytest.mark.usefixtures("ada")
def test_the_signing_key_is_not_the_secret_key(api: APIClient, settings: Settings) -> None:
    claims = _claims(_obtain(api)["access"])
    assert _me_status(api, _forge(claims)) == 200
    assert _me_status(api, _forge(claims, key=settings.SECRET_KEY)) == 401


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another-api"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"sub": "0"},
        {"cred": "0" * 16},
        {"token_type": "refresh"},
    ],
)
@pytest.mark.usefixtures("ada")
def test_a_token_with_one_wrong_claim_is_refused(api: APIClient, change: dict[str, object]) -> None:
    claims = _claims(_obtain(api)["access"])
    response = api.get(ME, HTTP_AUTHORIZATION=f"Bearer {_forge({**claims, **change})}")
    assert response.status_code == 401
    assert response.json()["code"] == "not-signed-in"


@pytest.mark.usefixtures("ada")
def test_an_unsigned_token_is_refused(api: APIClient) -> None:
    claims = _claims(_obtain(api)["access"])
    assert _me_status(api, jwt.encode(claims, "", algorithm="none")) == 401


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("closed", PASSWORD)])
@pytest.mark.usefixtures("ada")
def test_wrong_credentials_look_alike_whoever_they_are_for(api: APIClient, name: str, password: str) -> None:
    make_user(username="closed", password=PASSWORD, is_active=False)
    response = api.post(TOKEN, {"username": name, "password": password})
    assert response.status_code == 401
    problem = response.json()
    assert problem["code"] == "wrong-credentials"
    assert problem["detail"] == "The name or the password is wrong"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.headers["Cache-Control"] == "no-store"


def test_attempts_by_token_and_by_page_count_together(api: APIClient, ada: User, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "sign-in": "2/5minutes"}
    api.post(TOKEN, {"username": "ada", "password": "guess"})
    page = APIClient()
    page.post("/accounts/login/", {"name": "Ada", "password": "guess"}, format="multipart")
    response = api.post(TOKEN, {"username": "ada", "password": PASSWORD})
    assert response.status_code == 429
    problem = response.json()
    assert problem["code"] == "too-many-requests"
    assert problem["scope"] == "sign-in"
    assert 290 < int(response.headers["Retry-After"]) <= 300


def test_both_outcomes_are_audited(api: APIClient, ada: User) -> None:
    _obtain(api, password="not hers")
    _obtain(api)
    failed, came = AuditEntry.objects.order_by("pk")
    assert (failed.action, failed.object_label, failed.actor) == ("user.sign_in_failed", "ada", None)
    assert (came.action, came.actor, came.after["via"]) == ("user.signed_in", ada, "token")
    assert "not hers" not in f"{failed.__dict__}"
    ada.refresh_from_db()
    assert ada.last_login == came.at


@pytest.mark.usefixtures("ada")
def test_no_refresh_token_is_kept_in_the_database(api: APIClient) -> None:
    _obtain(api)
    assert list(OutstandingToken.objects.values_list("token", flat=True)) == [""]


@pytest.mark.usefixtures("ada")
def test_a_refresh_token_works_once_and_gives_the_next(api: APIClient) -> None:
    first = _obtain(api)
    response = api.post(REFRESH, {"refresh": first["refresh"]})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    second = response.json()
    assert _me_status(api, second["access"]) == 200
    assert api.post(REFRESH, {"refresh": first["refresh"]}).status_code == 401
    assert api.post(REFRESH, {"refresh": second["refresh"]}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_concurrent_refreshes_one_succeeds() -> None:
    issued = issue_tokens(make_user(), at=clock.now())

    def attempt(_number: int) -> bool:
        try:
            rotate_tokens(issued.refresh, at=clock.now())
        except NotSignedIn:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(max_workers=6) as pool:
        assert list(pool.map(attempt, range(6))).count(True) == 1


@pytest.mark.parametrize("presented", ["", "garbage", "a.b.c", "x" * 5000])
def test_what_is_no_refresh_token_is_refused(api: APIClient, presented: str) -> None:
    response = api.post(REFRESH, {"refresh": presented})
    assert response.status_code == (401 if presented in {"garbage", "a.b.c"} else 422)


@pytest.mark.usefixtures("ada")
def test_an_access_token_does_not_refresh(api: APIClient) -> None:
    assert api.post(REFRESH, {"refresh": _obtain(api)["access"]}).status_code == 401


def test_a_closed_account_loses_its_tokens_at_once(api: APIClient, ada: User) -> None:
    tokens = _obtain(api)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert _me_status(api, tokens["access"]) == 401
    assert api.post(REFRESH, {"refresh": tokens["refresh"]}).status_code == 401


def test_a_deleted_account_loses_its_tokens_at_once(api: APIClient, ada: User) -> None:
    tokens = _obtain(api)
    ada.delete()
    assert _me_status(api, tokens["access"]) == 401
    assert api.post(REFRESH, {"refresh": tokens["refresh"]}).status_code == 401


def test_an_expired_refresh_token_is_refused(ada: User) -> None:
    issued = issue_tokens(ada, at=clock.now())
    claims = _claims(issued.refresh)
    expired = _forge({**claims, "exp": int((clock.now() - timedelta(seconds=1)).timestamp())})
    with pytest.raises(NotSignedIn):
        rotate_tokens(expired, at=clock.now())


def test_refreshing_is_limited(api: APIClient, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "token": "2/minute"}
    statuses = [api.post(REFRESH, {"refresh": "garbage"}).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"username": "ada"}, "/password", "required"),
        ({"username": "", "password": "x"}, "/username", "blank"),
        ({"username": "ada", "password": "x", "otp": 1}, "/otp", "unknown"),
        ({"username": {"a": 1}, "password": "x"}, "/username", "invalid"),
        ({"username": "a\0b", "password": "x"}, "/username", "null_characters_not_allowed"),
        (["ada"], "", "invalid"),
    ],
)
def test_bad_input_is_named_by_pointer(api: APIClient, body: object, pointer: str, code: str) -> None:
    response = api.post(TOKEN, body)
    assert response.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in response.json()["errors"]] == [(pointer, code)]


def test_half_a_character_is_refused(api: APIClient) -> None:
    body = r'{"username": "\ud800", "password": "x"}'
    response = api.generic("POST", TOKEN, body, content_type="application/json")
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "surrogate_characters_not_allowed"
