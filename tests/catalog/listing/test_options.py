from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client

from catalog.listing.options import Choice, Filters, filters_of
from catalog.listing.query import ListingQuery
from catalog.viewpoints import Viewpoint
from portal import clock
from tests.factories import make_genre, make_movie, make_person, make_tag, make_window

pytestmark = pytest.mark.django_db


def form(address: str) -> Filters:
    return filters_of(ListingQuery.parse(QueryDict(address))[0], viewpoint=Viewpoint(at=clock.now()))


def choice(filters: Filters, name: str) -> Choice:
    return next(choice for choice in filters.choices if choice.name == name)


def test_the_form_offers_what_listed_films_have() -> None:
    make_movie(genres=(make_genre(slug="war", name="War"),), languages=["th", "en"], countries=["TH"])
    make_movie(genres=(make_genre(slug="art", name="Art"),), languages=["en"], countries=["US", "TH"])
    hidden = {"visibility": "HIDDEN", "languages": ["ja"], "countries": ["JP"]}
    make_movie(genres=(make_genre(slug="secret"),), **hidden)  # type: ignore[arg-type]  # fields of a movie
    make_genre(slug="empty")
    over = make_movie(genres=(make_genre(slug="over"),), languages=["de"], countries=["DE"])
    make_window(over, starts_at=clock.now() - timedelta(days=2), ends_at=clock.now() - timedelta(days=1))
    filters = form("")
    assert [option.value for option in filters.genres] == ["art", "war"]
    assert [(o.value, o.label) for o in choice(filters, "language").options] == [("en", "English"), ("th", "Thai")]
    assert [option.value for option in choice(filters, "country").options] == ["TH", "US"]
    assert not filters.is_used


def test_the_form_shows_what_was_chosen_and_keeps_what_it_has_no_field_for() -> None:
    make_movie(genres=(make_genre(slug="war"), make_genre(slug="art")), languages=["th", "en"])
    filters = form(
        "q=x&genre=war&tag=cult&person=ada&language=th&language=en&year_from=1990&age=12&availability=coming&sort=title"
    )
    assert [option.value for option in filters.genres if option.is_chosen] == ["war"]
    chosen = {each.name: [o.value for o in each.options if o.is_chosen] for each in filters.choices}
    assert chosen == {"language": ["th"], "country": [], "age": ["12"], "availability": ["coming"]}
    assert (filters.year_from, filters.year_to) == ("1990", "")
    assert filters.kept == (("tag", "cult"), ("person", "ada"), ("language", "en"), ("sort", "title"))
    assert filters.is_used


@pytest.mark.parametrize(("address", "used"), [("q=x", False), ("sort=title", False), ("age=6", True), ("tag=a", True)])
def test_the_form_stands_open_where_it_is_used(address: str, used: bool) -> None:
    assert form(address).is_used is used


def test_sending_the_form_asks_what_it_shows(client: Client) -> None:
    war = make_genre(slug="war", name="War")
    make_movie(title="Wanted", genres=(war,), tags=(make_tag(slug="cult"),), year=1990)
    make_movie(title="Other", genres=(war,))
    make_person(slug="ada")
    page = client.get("/movies/?genre=war&tag=cult&year_to=1999").content.decode()
    assert '<details class="filters" open>' in page
    assert '<input type="hidden" name="tag" value="cult">' in page
    # What an empty field sends is no fault.
    sent = "q=&genre=war&language=&country=&age=&availability=now&year_from=&year_to=1999&tag=cult"
    response = client.get(f"/movies/?{sent}")
    assert "Wanted" in response.content.decode()
    assert "could be used" not in response.content.decode()


def test_the_search_field_says_where_suggestions_come_from(client: Client) -> None:
    page = client.get("/movies/?q=%22%3E%3Cscript%3E").content.decode()
    assert page.count('data-combobox="/api/v1/suggestions/"') == 2
    assert page.count('data-choices="/api/v1/suggestions/choices/"') == 2
    assert 'value="&quot;&gt;&lt;script&gt;"' in page
