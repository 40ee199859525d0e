import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtmp.target import parse_publish_target


@pytest.mark.parametrize(
    ("app", "name", "expected_app", "key", "stream_name"),
    [
        ("live", "KEY", "live", "KEY", None),
        ("live/", "KEY", "live", "KEY", None),
        ("/live/", "/KEY/", "live", "KEY", None),
        ("live/eu", "KEY", "live/eu", "KEY", None),
        ("live", "eu/KEY", "live/eu", "KEY", None),
        ("live/KEY", "", "live", "KEY", None),
        ("live/KEY/", "", "live", "KEY", None),
        ("live", "KEY?x=1", "live", "KEY", None),
        ("live", "KEY live=1", "live", "KEY", None),
        ("live", "channel?key=KEY", "live", "KEY", "channel"),
        ("live", "channel?a=b&token=KEY", "live", "KEY", "channel"),
        ("live", "channel?pass=K%2BY", "live", "K+Y", "channel"),
        ("live?key=KEY", "channel", "live", "KEY", "channel"),
        ("live?key=KEY", "", "live", "KEY", None),
        ("live", "?key=KEY", "live", "KEY", None),
        ("live", "channel?key=", "live", "channel", None),
        ("live", "k" * 600, "live", "k" * 600, None),
        ("live", "", "", "live", None),
        ("", "", "", "", None),
    ],
)
def test_key_is_found_wherever_encoders_put_it(
    app: str, name: str, expected_app: str, key: str, stream_name: str | None
) -> None:
    target = parse_publish_target(app, name)
    assert (target.app, target.stream_key.reveal(), target.stream_name) == (expected_app, key, stream_name)


def test_query_with_too_many_fields_is_no_query() -> None:
    query = "&".join(f"a{index}=1" for index in range(100))
    assert parse_publish_target("live", f"KEY?{query}&key=other").stream_key.reveal() == "KEY"


def test_key_is_not_shown() -> None:
    assert "KEY" not in repr(parse_publish_target("live", "KEY"))


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_arguments_give_a_target(app: str, name: str) -> None:
    target = parse_publish_target(app, name)
    assert not target.app.startswith("/")
