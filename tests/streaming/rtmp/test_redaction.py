import copy
import pickle

import pytest

from streaming.rtmp.redaction import Secret


def test_secret_shows_itself_only_by_name() -> None:
    secret = Secret("hunter2")
    assert secret.reveal() == "hunter2"
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r}", "%s" % secret, repr([secret])):  # noqa: UP031
        assert "hunter2" not in shown


def test_secrets_compare_by_value() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret("")


@pytest.mark.parametrize("store", [pickle.dumps, copy.copy])
def test_secret_cannot_be_stored(store: object) -> None:
    with pytest.raises(TypeError, match="not to be stored"):
        store(Secret("hunter2"))  # type: ignore[operator]
