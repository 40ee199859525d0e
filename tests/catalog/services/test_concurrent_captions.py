"""Editors who caption a film at the same moment work one after the other."""

import pytest

from catalog.captions.timing import Retiming
from catalog.errors import CaptionExists, MovieChangedMeanwhile
from catalog.models import Caption, Movie
from catalog.services.captions import CaptionPlan, add_caption, retime_caption
from tests.concurrency import at_once
from tests.factories import AT, SRT, make_caption, make_movie

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_files_in_the_same_language_one_is_kept() -> None:
    movie = make_movie()

    def add() -> object:
        return add_caption(movie_id=movie.pk, plan=CaptionPlan(language="th", content=SRT), by=None, at=AT)

    outcomes = at_once(add, add, add)

    assert sum(isinstance(outcome, CaptionExists) for outcome in outcomes) == 2
    assert (Caption.objects.count(), Movie.objects.get().version) == (1, 2)


def test_of_several_new_defaults_one_stays() -> None:
    movie = make_movie()

    def add(language: str) -> object:
        plan = CaptionPlan(language=language, content=SRT, is_default=True)
        return add_caption(movie_id=movie.pk, plan=plan, by=None, at=AT)

    at_once(lambda: add("th"), lambda: add("en"), lambda: add("de"))

    assert Caption.objects.count() == 3
    assert Caption.objects.filter(is_default=True).count() == 1


def test_of_two_corrections_from_the_same_page_one_is_refused() -> None:
    movie = make_movie()
    caption = make_caption(movie)

    def move() -> object:
        retiming = Retiming(offset_ms=1000)
        return retime_caption(caption_id=caption.pk, retiming=retiming, by=None, at=AT, expected_version=1)

    outcomes = at_once(move, move)

    assert sum(isinstance(outcome, MovieChangedMeanwhile) for outcome in outcomes) == 1
    caption.refresh_from_db()
    assert "00:00:02.000 --> 00:00:04.000" in caption.webvtt
