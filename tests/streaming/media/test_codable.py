from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.codable import NotDecodable, decode, encode


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    colour: Colour
    length: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    name: str
    height: int
    is_old: bool
    best: Leaf | None
    leaves: tuple[Leaf, ...]
    size: tuple[int, int]


LEAF = Leaf(colour=Colour.RED, length=Fraction(1001, 24000))
TREE = Tree(name="oak", height=3, is_old=True, best=None, leaves=(LEAF,), size=(1, 2))
# Longer numbers than those of sixty characters are refused.
LENGTHS = st.fractions(min_value=-(10**18), max_value=10**18, max_denominator=10**18)
leaves = st.builds(Leaf, colour=st.sampled_from(Colour), length=LENGTHS)
trees = st.builds(
    Tree,
    name=st.text(),
    height=st.integers(),
    is_old=st.booleans(),
    best=st.none() | leaves,
    leaves=st.lists(leaves, max_size=3).map(tuple),
    size=st.tuples(st.integers(), st.integers()),
)


def test_fractions_and_choices_are_text() -> None:
    assert encode(LEAF) == {"colour": "red", "length": "1001/24000"}


@given(trees)
def test_what_is_encoded_comes_back(tree: Tree) -> None:
    assert decode(Tree, encode(tree), where="tree") == tree


@pytest.mark.parametrize(
    "change",
    [
        {"name": 1},
        {"name": None},
        {"height": "3"},
        {"height": True},
        {"height": 3.0},
        {"is_old": 1},
        {"best": {}},
        {"best": "red"},
        {"leaves": "red"},
        {"leaves": [{"colour": "green", "length": "1"}]},
        {"leaves": [{"colour": "red", "length": "one"}]},
        {"leaves": [{"colour": "red", "length": "1/0"}]},
        {"leaves": [{"colour": "red", "length": 1}]},
        {"leaves": [{"colour": "red", "length": "1" * 61}]},
        {"size": [1]},
        {"size": [1, 2, 3]},
        {"unknown": 1},
    ],
)
def test_what_a_dataclass_does_not_say_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(NotDecodable):
        decode(Tree, encode(TREE) | change, where="tree")


@pytest.mark.parametrize("field", ["name", "best", "leaves"])
def test_a_missing_field_is_refused(field: str) -> None:
    stored = encode(TREE)
    del stored[field]
    with pytest.raises(NotDecodable):
        decode(Tree, stored, where="tree")
