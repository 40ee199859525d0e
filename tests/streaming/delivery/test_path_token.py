import pytest

from streaming.delivery.path_token import make_path_token
from tests.streaming.delivery.edges import CDN, SECRET, HmacEdge

_PACKAGE = "0123456789abcdef0123456789abcdef"
_EXPIRES_S = 1795219991


def _url(token: str, rest: str = f"packages/{_PACKAGE}/master.m3u8") -> str:
    return f"{CDN}/{token}/{rest}"


@pytest.mark.parametrize(
    ("package", "expires_s", "secret", "mac"),
    [
        # Made by: printf '%s' 'exp=…~package=…' | openssl dgst -sha256 -hmac '<secret>'
        (_PACKAGE, _EXPIRES_S, SECRET, "9b5831f16bcb4e6725fd43f6fbd7160eed21f8fd69f0539f2cd3c6447642d818"),
        ("f" * 32, 0, "s", "ab1c668111335beb322726b65643d05b9f2d5cb63edef62d846bd4dfbce8a5dd"),
        (_PACKAGE, _EXPIRES_S, "ภาษาไทย", "60bbf97371e54b3fb35b8fd26ab4846ba07b8b6c615243bbf869cdd0f1036775"),
    ],
)
def test_a_token_is_what_another_program_makes_of_the_same_words(
    package: str, expires_s: int, secret: str, mac: str
) -> None:
    token = make_path_token(package=package, expires_s=expires_s, secret=secret)
    assert token == f"exp={expires_s}~package={package}~hmac={mac}"


def test_an_edge_lets_it_pass_and_takes_it_out_of_the_path() -> None:
    token = make_path_token(package=_PACKAGE, expires_s=_EXPIRES_S, secret=SECRET)
    admitted = HmacEdge().admit(_url(token), at_s=_EXPIRES_S - 1)
    assert admitted == f"/packages/{_PACKAGE}/master.m3u8"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (str(_EXPIRES_S), str(_EXPIRES_S + 1)),
        (f"~package={_PACKAGE}", f"~package={'f' * 32}"),
        ("~hmac=", "~hmac=0"),
        (f"packages/{_PACKAGE}/", f"packages/{'f' * 32}/"),
    ],
)
def test_an_edge_refuses_what_was_changed(old: str, new: str) -> None:
    token = make_path_token(package=_PACKAGE, expires_s=_EXPIRES_S, secret=SECRET)
    changed = _url(token).replace(old, new)
    assert changed != _url(token)
    assert HmacEdge().admit(changed, at_s=0) is None


def test_an_edge_refuses_what_is_over() -> None:
    token = make_path_token(package=_PACKAGE, expires_s=_EXPIRES_S, secret=SECRET)
    assert HmacEdge().admit(_url(token), at_s=_EXPIRES_S) is None
