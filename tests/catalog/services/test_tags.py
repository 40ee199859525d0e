"""Tags are made by being used, and merged when two mean one thing."""

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Tag
from catalog.services.movies import update_movie
from catalog.services.tags import ensure_tags, merge_tags
from portal.models import AuditEntry
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
