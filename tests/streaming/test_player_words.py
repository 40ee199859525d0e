"""The player's scripts find the words that they ask the page for."""

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils import translation

SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "src" / "js" / "player"
CODES = re.findall(r'^  "?([a-z-]+)"?: \{ again:', (SCRIPTS / "failures.js").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def words() -> str:
    with translation.override("en"):
        return render_to_string("streaming/_player_words.html")


def script_names() -> set[str]:
    """Return the words that scripts ask for: as `words.name`, or in a table of names."""
    asked: set[str] = set()
    for path in SCRIPTS.rglob("*.js"):
        asked |= set(re.findall(r"\bwords\.(\w+)", path.read_text()))
    table = (SCRIPTS / "ui" / "chrome.js").read_text().split("const NAMES = {", 1)[1].split("};", 1)[0]
    statistics = (SCRIPTS / "ui" / "stats.js").read_text().split("return {", 2)[2].split("};", 1)[0]
    return asked | set(re.findall(r': "(\w+)"', table)) | set(re.findall(r"^    (\w+):", statistics, re.MULTILINE))


def test_every_word_that_a_script_asks_for_is_in_the_page(words: str) -> None:
    given = {re.sub(r"-(\w)", lambda match: match[1].upper(), name) for name in re.findall(r"data-([a-z-]+)=", words)}
    asked = script_names()
    assert {"autoNow", "enterFullscreen", "bandwidth"} <= asked
    assert asked - given == set()


@pytest.mark.parametrize("code", CODES)
def test_every_failure_has_a_title_and_an_explanation_of_its_own(words: str, code: str) -> None:
    assert len(CODES) == 12
    told = re.search(rf'<template data-failure="{code}">(.*?)</template>', words, re.DOTALL)
    assert told is not None
    title, text = (re.search(rf"<{tag}>(.+?)</{tag}>", told[1]) for tag in ("h2", "p"))
    assert title is not None
    assert text is not None
    assert words.count(title[1]) == 1
