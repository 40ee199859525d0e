"""Addresses made of titles: always valid, never too long, and about the title where it has letters for it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.slugs import SLUG_PATTERN, propose_slug

titles = st.text(max_size=80) | st.text(st.sampled_from("aZ9-_ ./é'ß\u0130ก"), max_size=80)


@given(title=titles, length=st.integers(1, 40))
def test_a_proposal_is_always_an_address(title: str, length: int) -> None:
    slug = propose_slug(title, fallback="film", max_length=length)
    assert re.fullmatch(SLUG_PATTERN, slug)
    assert slug == "film" or len(slug) <= length


@given(title=titles)
def test_a_proposal_is_made_of_itself(title: str) -> None:
    """So a title that is an address already keeps it."""
    once = propose_slug(title, fallback="film", max_length=40)
    assert propose_slug(once, fallback="other", max_length=40) == once


@given(words=st.lists(st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True), min_size=1, max_size=6))
def test_the_words_of_a_plain_title_stand_in_its_address(words: list[str]) -> None:
    assert propose_slug(" ".join(words).upper(), fallback="film", max_length=80) == "-".join(words)


@pytest.mark.parametrize(
    ("texts", "slug"),
    [
        (("Amélie",), "amelie"),
        (("snake_case_film",), "snake-case-film"),
        (("---",), "film"),
        (("เรือ", "Night Ferry"), "night-ferry"),
        (("", "เรือ"), "film"),
        (("a" * 30,), "a" * 20),
        (("nineteen letters at-x",), "nineteen-letters-at"),
        (("x\n",), "x"),
    ],
)
def test_the_first_text_that_has_letters_for_it_names_the_film(texts: tuple[str, ...], slug: str) -> None:
    assert propose_slug(*texts, fallback="film", max_length=20) == slug


@pytest.mark.parametrize("slug", ["a\n", "a-", "-a", "a--b", "A", "é", "a b", "", "a/b", "٣"])
def test_the_pattern_takes_no_lookalikes(slug: str) -> None:
    assert not re.fullmatch(SLUG_PATTERN, slug)
