"""Tags are made by being used, and merged when two mean one thing."""

import pytest
from django.db import IntegrityError, transaction

from catalog.errors import NameTaken, ShelfChangedMeanwhile
from catalog.models import Tag
from catalog.services.movies import update_movie
from catalog.services.tags import ensure_tags, merge_tags, rename_tag
from portal.errors import NotFound
from portal.models import AuditEntry
from tests.concurrency import at_once, start_and_wait
from tests.factories import AT, make_movie, make_tag

pytestmark = pytest.mark.django_db


def test_a_new_tag_is_added_and_a_known_one_found_whatever_its_case() -> None:
    heist = make_tag(name="heist", slug="heist")

    found = ensure_tags(names=["Heist", " one  location ", "heist", ""], by=None, at=AT)

    assert [tag.name for tag in found] == ["heist", "one location"]
    assert found[0] == heist
    assert AuditEntry.objects.get(action="tag.created").after == {"name": "one location"}


def test_tags_in_other_scripts_have_addresses_too() -> None:
    assert [tag.slug for tag in ensure_tags(names=["ปล้น", "抢劫"], by=None, at=AT)] == ["tag", "tag-2"]


def test_the_tags_of_a_movie_are_audited() -> None:
    movie = make_movie()
    update_movie(movie_id=movie.pk, changes={"tags": [make_tag(slug="heist")]}, by=None, at=AT)

    assert AuditEntry.objects.get(action="movie.updated").after == {"tags": ["heist"]}


def test_merged_tags_are_one_on_every_movie() -> None:
    heist, robbery = make_tag(slug="heist"), make_tag(slug="robbery")
    both, one = make_movie(), make_movie()
    both.tags.set([heist, robbery])
    one.tags.set([robbery])

    merge_tags(tag_id=robbery.pk, into_id=heist.pk, by=None, at=AT)

    assert list(both.tags.all()) == list(one.tags.all()) == [heist]
    assert list(Tag.objects.all()) == [heist]
    one.refresh_from_db()
    assert one.version == 2


@pytest.mark.parametrize("fault", [{"name": ""}, {"slug": "Upper"}, {"name": "HEIST"}])
def test_the_database_itself_refuses_a_tag_that_cannot_be(fault: dict[str, str]) -> None:
    make_tag(name="heist")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_tag(**fault)


def test_a_tag_that_is_merged_into_itself_stays() -> None:
    heist = make_tag()

    assert merge_tags(tag_id=heist.pk, into_id=heist.pk, by=None, at=AT) == heist
    assert not AuditEntry.objects.exists()


def test_a_renamed_tag_keeps_its_address_and_its_movies_are_told() -> None:
    heist = make_tag(name="heist", slug="heist")
    movie = make_movie(tags=(heist,))

    renamed = rename_tag(tag_id=heist.pk, name=" big  heist ", by=None, at=AT, expected_name="heist")

    assert (renamed.name, renamed.slug) == ("big heist", "heist")
    movie.refresh_from_db()
    assert movie.version == 2
    entry = AuditEntry.objects.get(action="tag.renamed")
    assert (entry.before, entry.after) == ({"name": "heist"}, {"name": "big heist"})


def test_a_tag_may_change_its_case_and_the_same_name_changes_nothing() -> None:
    heist = make_tag(name="heist")

    assert rename_tag(tag_id=heist.pk, name="Heist", by=None, at=AT).name == "Heist"
    rename_tag(tag_id=heist.pk, name="Heist", by=None, at=AT)

    assert AuditEntry.objects.filter(action="tag.renamed").count() == 1


def test_a_name_that_another_tag_has_is_refused_with_its_address() -> None:
    make_tag(name="heist", slug="heist")

    with pytest.raises(NameTaken) as refused:
        rename_tag(tag_id=make_tag().pk, name="HEIST", by=None, at=AT)

    assert refused.value.extras["slug"] == "heist"


def test_a_rename_on_top_of_another_is_refused() -> None:
    tag = make_tag(name="heist")

    with pytest.raises(ShelfChangedMeanwhile):
        rename_tag(tag_id=tag.pk, name="robbery", by=None, at=AT, expected_name="theft")

    tag.refresh_from_db()
    assert tag.name == "heist"


def test_a_tag_that_is_gone_is_neither_renamed_nor_merged() -> None:
    with pytest.raises(NotFound):
        rename_tag(tag_id=0, name="x", by=None, at=AT)
    with pytest.raises(NotFound):
        merge_tags(tag_id=make_tag().pk, into_id=0, by=None, at=AT)


@pytest.mark.django_db(transaction=True)
def test_a_new_tag_that_several_use_at_once_is_made_once() -> None:
    made = at_once(*[lambda: ensure_tags(names=["Heist"], by=None, at=AT)] * 5)

    assert [tags for tags in made if isinstance(tags, Exception)] == []
    assert Tag.objects.count() == AuditEntry.objects.filter(action="tag.created").count() == 1


@pytest.mark.parametrize("again", ["İstanbul", "İSTANBUL"])
def test_a_tag_is_known_again_by_letters_that_python_folds_otherwise(again: str) -> None:
    (made,) = ensure_tags(names=["İstanbul"], by=None, at=AT)

    assert ensure_tags(names=[again], by=None, at=AT) == [made]


@pytest.mark.django_db(transaction=True)
def test_a_tag_is_not_merged_away_while_a_movie_is_given_it() -> None:
    heist, robbery = make_tag(name="heist"), make_tag(name="robbery")
    with transaction.atomic():
        (found,) = ensure_tags(names=["robbery"], by=None, at=AT)
        merging = start_and_wait(lambda: merge_tags(tag_id=robbery.pk, into_id=heist.pk, by=None, at=AT))
        movie = make_movie(tags=(found,))

    merging.result(20)
    assert list(movie.tags.all()) == [heist]
