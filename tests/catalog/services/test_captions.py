"""Captions are added, changed, moved in time and removed as changes of their movie."""

from fractions import Fraction
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalog.captions.timing import Retiming
from catalog.errors import (
    CaptionExists,
    CaptionFileRefused,
    CaptionTimesRefused,
    MovieChangedMeanwhile,
    TooManyCaptions,
)
from catalog.models import Caption, Movie
from catalog.models.caption import MOST_CAPTIONS
from catalog.services.captions import (
    CaptionPlan,
    add_caption,
    remove_caption,
    retime_caption,
    update_caption,
)
from portal.errors import NotFound
from portal.models import AuditEntry, User
from tests.factories import AT, SRT, make_caption, make_movie

pytestmark = pytest.mark.django_db


def add(movie: Movie, *, by: User | None = None, expected_version: int | None = None, **values: Any) -> Caption:
    plan = CaptionPlan(**{"language": "en", "content": SRT} | values)
    return add_caption(movie_id=movie.pk, plan=plan, by=by, at=AT, expected_version=expected_version)


def version_of(movie: Movie) -> int:
    return Movie.objects.get(pk=movie.pk).version


def test_a_file_becomes_captions_with_a_line_in_the_movies_trail(editor: User) -> None:
    movie = make_movie(version=4)

    caption = add(movie, by=editor, language="th", expected_version=4)

    caption.refresh_from_db()
    assert caption.webvtt == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:03.000\nThe signal is gone.\n\n"
        "00:00:04.500 --> 00:00:06.000\nThen so are we.\n\n"
    )
    assert (caption.label, caption.cue_count, caption.is_default) == ("ไทย", 2, False)
    assert (caption.source_format, caption.source_encoding, caption.warnings) == ("SRT", "utf-8", [])
    assert version_of(movie) == 5
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.object_type) == ("caption.added", editor, "catalog.movie")
    assert entry.after["language"] == "th"


def test_open_pages_and_those_who_follow_captions_are_told_once_it_is_saved(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        add(make_movie())
    assert sorted(callback.__module__ for callback in callbacks) == ["portal.events", "streaming.tasks"]


def test_captions_for_those_who_do_not_hear_are_called_so() -> None:
    movie = make_movie()
    assert add(movie, kind=Caption.Kind.CAPTIONS).label == "English [CC]"
    assert add(movie, label="For the hall").label == "For the hall"


def test_a_broken_file_saves_nothing_and_tells_every_fault_with_its_line() -> None:
    movie = make_movie()
    broken = b"1\n00:00:04,000 --> 00:00:02,000\nBack\n\n2\n00:00:xx --> 00:00:09,000\nNever\n"

    with pytest.raises(CaptionFileRefused) as refused:
        add(movie, content=broken)

    faults: Any = refused.value.extras["errors"]
    assert [(fault["code"], fault["line"], fault["cue"]) for fault in faults] == [
        ("ends-before-it-starts", 2, 1),
        ("times-unreadable", 6, 2),
    ]
    assert faults[0]["detail"].startswith("Line 2, cue 1: ")
    assert {fault["pointer"] for fault in faults} == {"/file"}
    assert (Caption.objects.count(), version_of(movie), AuditEntry.objects.count()) == (0, 1, 0)


def test_captions_of_another_film_are_refused_and_those_for_another_frame_rate_are_not() -> None:
    movie = make_movie(runtime_s=6000)
    another = b"1\n02:30:00,000 --> 02:30:02,000\nMuch later\n"
    faster = b"1\n01:44:00,000 --> 01:44:02,000\nA little later\n"

    with pytest.raises(CaptionFileRefused, match="after the film"):
        add(movie, content=another)
    assert [warning["code"] for warning in add(movie, content=faster).warnings] == ["after-the-film"]


def test_a_language_and_kind_has_one_text() -> None:
    movie = make_movie()
    add(movie)

    with pytest.raises(CaptionExists) as refused:
        add(movie)
    assert refused.value.extras.items() >= {"language": "en", "kind": "SUBTITLES"}.items()
    add(movie, kind=Caption.Kind.FORCED)
    add(movie, language="en-GB")
    add(make_movie())
    assert version_of(movie) == 4


def test_a_new_default_takes_the_place_of_the_old_one() -> None:
    movie, other = make_movie(), make_movie()
    first, elsewhere = add(movie, is_default=True), add(other, is_default=True)
    second = add(movie, language="th", is_default=True)

    defaults = set(Caption.objects.filter(is_default=True))
    assert defaults == {second, elsewhere}
    update_caption(caption_id=first.pk, changes={"is_default": True}, by=None, at=AT)
    assert set(Caption.objects.filter(is_default=True)) == {first, elsewhere}


def test_a_movie_has_only_so_many() -> None:
    movie = make_movie()
    for number in range(MOST_CAPTIONS):
        make_caption(movie, language=f"x{number}")

    with pytest.raises(TooManyCaptions):
        add(movie)


def test_who_saw_an_older_movie_changes_nothing() -> None:
    movie = make_movie(version=3)
    caption = make_caption(movie, language="de")

    with pytest.raises(MovieChangedMeanwhile):
        add(movie, expected_version=2)
    with pytest.raises(MovieChangedMeanwhile):
        update_caption(caption_id=caption.pk, changes={"label": "x"}, by=None, at=AT, expected_version=2)
    with pytest.raises(MovieChangedMeanwhile):
        retime_caption(caption_id=caption.pk, retiming=Retiming(offset_ms=5), by=None, at=AT, expected_version=2)
    with pytest.raises(MovieChangedMeanwhile):
        remove_caption(caption_id=caption.pk, by=None, at=AT, expected_version=2)
    assert list(Caption.objects.all()) == [caption]


def test_what_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(NotFound):
        update_caption(caption_id=1, changes={"label": "x"}, by=None, at=AT)
    with pytest.raises(NotFound):
        retime_caption(caption_id=1, retiming=Retiming(), by=None, at=AT)
    with pytest.raises(NotFound):
        remove_caption(caption_id=1, by=None, at=AT)
    with pytest.raises(NotFound):
        add_caption(movie_id=1, plan=CaptionPlan(language="en", content=SRT), by=None, at=AT)


def test_a_label_follows_the_language_until_somebody_writes_one() -> None:
    caption = add(make_movie())

    assert update_caption(caption_id=caption.pk, changes={"language": "th"}, by=None, at=AT).label == "ไทย"
    update_caption(caption_id=caption.pk, changes={"label": "Festival cut"}, by=None, at=AT)
    changed = update_caption(caption_id=caption.pk, changes={"language": "de"}, by=None, at=AT)
    assert changed.label == "Festival cut"
    assert update_caption(caption_id=caption.pk, changes={"label": ""}, by=None, at=AT).label == "Deutsch"


def test_a_file_replaces_the_text_and_the_trail_shows_that_it_did(editor: User) -> None:
    movie = make_movie()
    caption = add(movie)

    update_caption(
        caption_id=caption.pk, changes={"content": b"WEBVTT\n\n00:01.000 --> 00:02.000\nNew\n"}, by=editor, at=AT
    )

    caption.refresh_from_db()
    assert (caption.cue_count, caption.source_format) == (1, "WebVTT")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.after["captions"]) == ("caption.updated", "en SUBTITLES")
    assert entry.before["text"].startswith("2 (")
    assert entry.after["text"].startswith("1 (")


def test_the_same_again_changes_nothing() -> None:
    movie = make_movie()
    caption = add(movie)

    update_caption(caption_id=caption.pk, changes={"label": "English", "content": SRT}, by=None, at=AT)
    retime_caption(caption_id=caption.pk, retiming=Retiming(), by=None, at=AT)

    assert (version_of(movie), AuditEntry.objects.count()) == (2, 1)


def test_a_change_to_what_another_has_is_refused() -> None:
    movie = make_movie()
    add(movie)
    forced = add(movie, kind=Caption.Kind.FORCED)

    with pytest.raises(CaptionExists):
        update_caption(caption_id=forced.pk, changes={"kind": Caption.Kind.SUBTITLES}, by=None, at=AT)


def test_cues_are_moved_and_stretched(editor: User) -> None:
    movie = make_movie()
    caption = add(movie)

    moved = retime_caption(
        caption_id=caption.pk, retiming=Retiming(stretch=Fraction(25, 24), offset_ms=500), by=editor, at=AT
    )

    assert "00:00:01.542 --> 00:00:03.625\nThe signal is gone." in moved.webvtt
    assert "00:00:05.188 --> 00:00:06.750" in moved.webvtt
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.after["offset_s"], entry.after["stretch"]) == ("caption.retimed", 0.5, "1.041667")
    assert version_of(movie) == 3


def test_cues_are_not_moved_out_of_the_film() -> None:
    movie = make_movie()
    caption = add(movie)

    with pytest.raises(CaptionTimesRefused) as refused:
        retime_caption(caption_id=caption.pk, retiming=Retiming(offset_ms=-4000), by=None, at=AT)

    faults: Any = refused.value.extras["errors"]
    assert [(fault["code"], fault["cue"], fault["pointer"]) for fault in faults] == [
        ("before-the-film", 1, "/offset_s")
    ]
    assert version_of(movie) == 2


def test_stretching_cures_the_warning_of_running_over() -> None:
    movie = make_movie(runtime_s=6000)
    caption = add(movie, content=b"1\n01:44:10,000 --> 01:44:12,000\nThe end\n")
    assert caption.warning_count == 1

    mended = retime_caption(caption_id=caption.pk, retiming=Retiming(stretch=Fraction(24, 25)), by=None, at=AT)
    assert (mended.warnings, mended.warning_count) == ([], 0)


def test_removed_captions_leave_a_line_in_the_trail(editor: User) -> None:
    movie = make_movie()
    caption = add(movie)

    remove_caption(caption_id=caption.pk, by=editor, at=AT)

    assert not Caption.objects.exists()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.before["language"], entry.after["language"]) == ("caption.removed", "en", "")
    assert version_of(movie) == 3


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"kind": "LYRICS"}, "caption_kind_known"),
        ({"source_format": "DOCX"}, "caption_source_format_known"),
        ({"language": ""}, "caption_has_language"),
        ({"label": ""}, "caption_has_label"),
        ({"cue_count": 0}, "caption_has_cues"),
        ({"webvtt": "<html>"}, "caption_is_webvtt"),
        ({"language": "en"}, "caption_once_per_language_and_kind"),
        ({"is_default": True}, "caption_one_default"),
    ],
)
def test_the_database_refuses_what_the_form_would(values: dict[str, Any], constraint: str) -> None:
    movie = make_movie()
    make_caption(movie, is_default=True)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_caption(movie, **{"language": "th"} | values)
