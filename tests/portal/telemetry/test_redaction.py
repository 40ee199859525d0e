import time

import pytest

from portal.telemetry.redaction import REDACTED, names_a_secret, redact_event, redact_text


@pytest.mark.parametrize(
    "key",
    [
        *("password", "new_password", "PASSWORD1 password", "db-password", "passphrase"),
        *("token", "access_token", "accessToken", "refresh-token", "tokens"),
        *("secret", "client_secret", "SECRET_KEY", "stream_key", "apikey", "X-Api-Key", "key"),
        *("Authorization", "proxy-authorization", "Cookie", "Set-Cookie", "cookies", "sessionid"),
    ],
)
def test_key_that_names_a_secret_is_recognised(key: str) -> None:
    assert names_a_secret(key)


@pytest.mark.parametrize("key", ["key_id", "token_type", "keyframe", "monkey", "tokenizer", "key_prefix", "user", ""])
def test_key_that_only_sounds_like_a_secret_is_left_alone(key: str) -> None:
    assert not names_a_secret(key)


def test_secrets_are_redacted_at_every_depth() -> None:
    event = {
        "event": "probe",
        "body": {"user": "ann", "password": "hunter2", "inner": [{"token": "abc"}, ({"secret": "x"},)]},
        "headers": [(b"authorization", b"Bearer abc"), ("accept", "text/html")],
    }
    assert redact_event(None, "info", event) == {
        "event": "probe",
        "body": {"user": "ann", "password": REDACTED, "inner": [{"token": REDACTED}, [{"secret": REDACTED}]]},
        "headers": [["authorization", REDACTED], ["accept", "text/html"]],
    }


def test_empty_secret_is_shown_as_empty() -> None:
    assert redact_event(None, "info", {"password": "", "token": None}) == {"password": "", "token": None}


def test_structure_that_contains_itself_ends() -> None:
    loop: dict[str, object] = {}
    loop["again"] = loop
    assert "…" in str(redact_event(None, "info", loop))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://nova:hunter2@db:5432/nova is down", f"postgresql://{REDACTED}@db:5432/nova is down"),
        ("redis://:hunter2@cache/0", f"redis://{REDACTED}@cache/0"),
        ("GET /x?page=2&access_token=abc&a=1", f"GET /x?page=2&access_token={REDACTED}&a=1"),
        ("/m/eyJhbGciOi.abc.def/master.m3u8", f"/m/{REDACTED}/master.m3u8"),
        (
            "https://cdn/exp=1~package=ab~hmac=0f9A/packages/ab",
            f"https://cdn/exp=1~package=ab~hmac={REDACTED}/packages/ab",
        ),
        ("to rtmp://host:1935/live/stream-key-1", f"to rtmp://host:1935/live/{REDACTED}"),
        ("Authorization: Bearer abcdefghij", f"Authorization: Bearer {REDACTED}"),
        ("got eyJhbGciOiJI.eyJzdWIi.c2ln", f"got {REDACTED}"),
        ("https://example.com/movies/?page=2", "https://example.com/movies/?page=2"),
        ("Movie /movies/alien/ is up", "Movie /movies/alien/ is up"),
    ],
)
def test_text_in_the_form_of_a_secret_is_redacted(text: str, expected: str) -> None:
    assert redact_text(text) == expected


@pytest.mark.parametrize("piece", ["?", "a", "eyJ", "://", "?key", "rtmp://", "Bearer ", "/m/"])
def test_hostile_text_is_redacted_in_linear_time(piece: str) -> None:
    text = piece * 10_000
    started = time.perf_counter()
    redact_text(text)
    assert time.perf_counter() - started < 2
