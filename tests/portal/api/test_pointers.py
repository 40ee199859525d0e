"""JSON Pointers (RFC 6901): what the API says of a fault leads to the value that it is about."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ErrorDetail

from portal.api.pointers import escape, field_errors

FAULT = ErrorDetail("Wrong.", code="wrong")

keys = st.text(st.sampled_from("ab/~01é \0\"'"), max_size=5)
bodies = st.recursive(
    st.integers(), lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(keys, inner, min_size=1)
)


def follow(body: Any, pointer: str) -> Any:
    """Evaluate a pointer as RFC 6901 section 4 says."""
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        body = body[int(token)] if isinstance(body, list) else body[token]
    return body


def paths(body: Any) -> list[tuple[Any, ...]]:
    """Return the way to every leaf."""
    if isinstance(body, int):
        return [()]
    steps = enumerate(body) if isinstance(body, list) else body.items()
    return [(step, *rest) for step, inner in steps for rest in paths(inner)]


def fault_at(body: Any, path: tuple[Any, ...]) -> Any:
    """Return what DRF would report of a wrong leaf: as many items as the list has, those that are right empty."""
    if not path:
        return [FAULT]
    step, *rest = path
    inner = fault_at(body[step], tuple(rest))
    if isinstance(body, list):
        return [inner if index == step else {} for index in range(len(body))]
    return {step: inner}


@settings(max_examples=150, deadline=None)
@given(body=bodies, data=st.data())
def test_the_pointer_of_a_fault_leads_to_its_value(body: Any, data: Any) -> None:
    path = data.draw(st.sampled_from(paths(body)))
    (fault,) = field_errors(fault_at(body, path))
    value = body
    for step in path:
        value = value[step]
    assert follow(body, fault.pointer) is value
    assert (fault.code, fault.detail) == ("wrong", "Wrong.")


@given(first=keys, second=keys)
def test_two_names_never_share_a_token(first: str, second: str) -> None:
    assert (escape(first) == escape(second)) is (first == second)
    assert "/" not in escape(first)


@pytest.mark.parametrize(
    ("faults", "pointers"),
    [
        ({}, []),
        ([], []),
        (FAULT, [""]),
        ([FAULT, FAULT], ["", ""]),
        ({"non_field_errors": [FAULT]}, [""]),
        ({"window": {"non_field_errors": [FAULT], "at": [FAULT]}}, ["/window", "/window/at"]),
        ({"tags": {2: [FAULT]}}, ["/tags/2"]),
        (None, []),
    ],
)
def test_faults_of_every_form_are_told_one_by_one(faults: object, pointers: list[str]) -> None:
    assert [fault.pointer for fault in field_errors(faults)] == pointers


def test_a_fault_without_a_code_is_just_invalid() -> None:
    (fault,) = field_errors(ErrorDetail("Wrong."))
    assert fault.code == "invalid"
