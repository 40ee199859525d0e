import random

import pytest

from catalog.search.spelling import (
    allowed_edits,
    asked_rests,
    closest,
    edits,
    edits_to_beginning,
    stored_rests,
)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("alien", "alien", 0),
        ("alein", "alien", 1),
        ("alin", "alien", 1),
        ("alienn", "alien", 1),
        ("alion", "alien", 1),
        ("incepiton", "inception", 1),
        ("inseptoin", "inception", 2),
        ("", "abc", 3),
        ("abc", "", 3),
    ],
)
def test_edits_are_letters_added_dropped_changed_or_swapped(one: str, other: str, expected: int) -> None:
    assert edits(one, other) == edits(other, one) == expected


@pytest.mark.parametrize(
    ("typed", "word", "expected"), [("incpe", "inception", 1), ("alie", "alien", 0), ("x", "y", 1)]
)
def test_what_is_still_being_typed_is_held_against_a_beginning(typed: str, word: str, expected: int) -> None:
    assert edits_to_beginning(typed, word) == expected


def test_short_words_are_never_taken_for_others() -> None:
    assert [allowed_edits(word) for word in ("war", "wars", "inception")] == [0, 1, 2]
    assert stored_rests("war") == []


def mistype(word: str, chance: random.Random) -> str:
    place, letter = chance.randrange(len(word)), chance.choice("abcdefghijklmnopqrstuvwxyz")
    swapped = word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]
    return chance.choice(
        [
            word[:place] + word[place + 1 :],
            word[:place] + letter + word[place:],
            word[:place] + letter + word[place + 1 :],
            swapped,
        ]
    )


@pytest.mark.parametrize("word", ["jaws", "alien", "matrix", "amadeus", "inception", "metropolis", "apocalypse"])
def test_every_word_is_found_by_each_single_mistake(word: str) -> None:
    chance = random.Random(word)
    for _ in range(300):
        typed = mistype(word, chance)
        if len(typed) >= 4:
            assert set(asked_rests(typed)) & set(stored_rests(word)), typed


def test_the_nearest_word_comes_first_and_far_ones_do_not_come() -> None:
    words = ["alpen", "alias", "aliens", "alien", "brown"]
    assert closest("alein", words, is_unfinished=False, most=3) == ["alien"]
    assert closest("alian", words, is_unfinished=False, most=3) == ["alias", "alien"]


def test_of_two_as_near_the_one_that_begins_alike_is_preferred() -> None:
    assert closest("marter", ["barter", "master"], is_unfinished=False, most=2) == ["master", "barter"]
