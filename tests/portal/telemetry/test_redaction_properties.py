"""Whatever surrounds a secret, and however deep it lies: it is not in the line that is written."""

import json
import string
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.telemetry.correlation import accept_request_id, new_request_id
from portal.telemetry.log_config import render_line
from portal.telemetry.redaction import REDACTED, redact_event, redact_text

quick = settings(max_examples=120, deadline=None)

# Upper and lower case and digits, as tokens have; long enough to be found nowhere by chance.
secrets = st.text(string.ascii_letters + string.digits, min_size=16, max_size=40).map(lambda text: f"S3cr{text}")
KEYS = (
    "password",
    "new_password1",
    "access_token",
    "refreshToken",
    "Authorization",
    "set-cookie",
    "stream_key",
    "SECRET",
)
FORMS = (
    "postgresql://nova:{}@db:5432/nova",
    "redis://:{}@cache/0",
    "https://{}@git.example/x",
    "GET /live?page=1&token={}&x=1",
    "/x?stream_key={}",
    "/x?sig=1;access_token={}",
    "Authorization: Bearer {}",
    "authorization: basic {}",
    "rtmp://host:1935/live/{}",
    "rtmps://host/live/{}?x=1",
    "/m/{}/master.m3u8",
    "eyJhbGciOiJIUzI1NiJ9.{}.c2lnbmF0dXJl",
)
plain = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20))
surroundings = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def nested(leaf: Any, path: list[int]) -> Any:
    """Put the leaf inside lists and mappings, as the numbers say."""
    for step in path:
        leaf = ({"inner": leaf}, [leaf], (leaf, 1), {"items": [leaf]})[step]
    return leaf


def written(event: dict[str, Any]) -> str:
    """Return the event as both formats write it."""
    redacted = redact_event(None, "info", event)
    return json.dumps(redacted, ensure_ascii=False, default=str) + render_line(None, "info", redacted)


@quick
@given(secret=secrets, key=st.sampled_from(KEYS), path=st.lists(st.integers(0, 3), max_size=8), other=plain)
def test_a_secret_is_kept_by_its_key_at_any_depth(secret: str, key: str, path: list[int], other: object) -> None:
    assert secret not in written({"event": "probe", "body": nested({key: secret, "other": other}, path)})


@quick
@given(secret=secrets, key=st.sampled_from(KEYS), as_bytes=st.booleans())
def test_a_secret_is_kept_in_a_list_of_headers(secret: str, key: str, as_bytes: bool) -> None:
    header = (key.encode(), secret.encode()) if as_bytes else (key, secret)
    assert secret not in written({"event": "probe", "headers": [("accept", "*/*"), header]})


@quick
@given(secret=secrets, form=st.sampled_from(FORMS), before=surroundings, after=surroundings)
def test_a_secret_is_kept_by_its_form_in_any_text(secret: str, form: str, before: str, after: str) -> None:
    text = f"{before} {form.format(secret)} {after}"
    assert secret not in redact_text(text)
    assert secret not in written({"event": text, "detail": [text]})


@quick
@given(first=secrets, second=secrets, mark=st.sampled_from("@:!$%^&*()+=,;#?"))
def test_a_password_with_any_mark_in_it_is_kept_whole(first: str, second: str, mark: str) -> None:
    told = redact_text(f"cannot reach postgresql://nova:{first}{mark}{second}@db:5432/nova today")
    assert first not in told
    assert second not in told
    assert told.endswith("@db:5432/nova today")


@quick
@given(text=st.text(string.ascii_letters + string.digits + " .,()_-", max_size=60))
def test_plain_words_are_left_alone(text: str) -> None:
    words = text.lower()
    if not any(scheme in words for scheme in ("bearer", "basic", "token", "eyj")):
        assert redact_text(text) == text


@quick
@given(secret=secrets, form=st.sampled_from(FORMS))
def test_redacting_again_changes_nothing(secret: str, form: str) -> None:
    once = redact_text(form.format(secret))
    assert REDACTED in once
    assert redact_text(once).count(secret) == 0


# --- The id of a request ----------------------------------------------------------------------------------------------


@quick
@given(presented=st.text(max_size=80))
def test_an_id_that_is_taken_is_plain_and_of_a_sane_length(presented: str) -> None:
    accepted = accept_request_id(presented)
    assert 8 <= len(accepted) <= 64
    assert accepted[0].isalnum()
    assert set(accepted) <= set(string.ascii_letters + string.digits + "._-")


@quick
@given(st.text(string.ascii_letters + string.digits + "._-", min_size=7, max_size=63), st.sampled_from("aZ0"))
def test_every_plain_id_of_a_sane_length_is_taken_as_it_is(rest: str, first: str) -> None:
    assert accept_request_id(first + rest) == first + rest


@quick
@given(
    st.text(string.ascii_letters, min_size=8, max_size=60), st.sampled_from(["\n", "\r\n", " ", "\0", "\u2028", "ß"])
)
def test_one_odd_character_anywhere_makes_it_a_new_id(text: str, odd: str) -> None:
    for presented in (odd + text, text + odd, text[:4] + odd + text[4:]):
        assert accept_request_id(presented) not in presented


def test_an_id_made_here_is_never_made_twice() -> None:
    assert len({new_request_id() for _ in range(2000)}) == 2000
