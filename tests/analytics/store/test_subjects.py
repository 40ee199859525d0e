"""The rows of what is watched."""

import pytest

from analytics.counting.figures import PORTAL
from analytics.models import Subject
from analytics.store.subjects import save_subjects
from tests.factories import make_movie

pytestmark = pytest.mark.django_db
GONE = "stream:0192aaaa-0000-7000-8000-000000000001"


def test_subjects_are_made_with_what_they_are_of() -> None:
    movie = make_movie(title="A film")
    ids = save_subjects({PORTAL: "", f"movie:{movie.pk}": "A film", GONE: ""})
    assert ids == {subject.name: subject.pk for subject in Subject.objects.all()}
    made = {subject.name: (subject.kind, subject.title, subject.movie_id) for subject in Subject.objects.all()}
    assert made == {
        PORTAL: ("PORTAL", "", None),
        f"movie:{movie.pk}": ("MOVIE", "A film", movie.pk),
        GONE: ("STREAM", "", None),
    }


def test_a_title_follows_and_is_kept_when_the_thing_is_gone() -> None:
    movie = make_movie(title="A film")
    name = f"movie:{movie.pk}"
    for title in ("A film", "Another name", ""):
        save_subjects({name: title})
    assert Subject.objects.get().title == "Another name"


def test_figures_outlive_what_they_are_of() -> None:
    movie = make_movie()
    name = f"movie:{movie.pk}"
    before = save_subjects({name: "A film"})
    movie.delete()
    assert save_subjects({name: ""}) == before
    assert Subject.objects.get().movie_id is None
