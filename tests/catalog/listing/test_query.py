import pytest
from django.http import QueryDict

from catalog.listing.query import MOST_CHOICES, Availability, ListingQuery, Order, Sort


def parse(address: str, **keywords: object) -> tuple[ListingQuery, list[tuple[str, str]]]:
    query, faults = ListingQuery.parse(QueryDict(address), **keywords)  # type: ignore[arg-type]
    return query, [(fault.parameter, fault.code) for fault in faults]


FULL = (
    "q=space+odyssey&genre=drama&genre=sci-fi&tag=cult&person=kubrick&country=US&language=en&language=zh-Hant"
    "&year_from=1960&year_to=1979&age=12&availability=leaving&sort=-title"
)


def test_an_address_says_all_that_can_be_asked() -> None:
    query, faults = parse(FULL)
    assert faults == []
    assert query == ListingQuery(
        text="space odyssey",
        genres=("drama", "sci-fi"),
        tags=("cult",),
        people=("kubrick",),
        countries=("US",),
        languages=("en", "zh-Hant"),
        year_from=1960,
        year_to=1979,
        age=12,
        availability=Availability.LEAVING,
        order=Order(by=Sort.TITLE, is_descending=True),
    )


def test_a_query_writes_the_address_that_it_was_read_from() -> None:
    query, _ = parse(FULL)
    assert query.to_query_string() == FULL
    assert ListingQuery().to_query_string() == ""


def test_codes_are_read_however_they_are_written() -> None:
    query, faults = parse("country=us&language=ZH_hant&q=++two%0A%00words+")
    assert faults == []
    assert query.to_query_string() == "q=two+words&country=US&language=zh-Hant"


def test_one_year_is_a_span_of_one() -> None:
    assert parse("year=1994")[0].to_query_string() == "year_from=1994&year_to=1994"


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("genre=No Slug", ("genre", "invalid")),
        ("genre=" + "a" * 200, ("genre", "invalid")),
        ("person=../etc", ("person", "invalid")),
        ("country=Utopia", ("country", "invalid")),
        ("language=klingon!", ("language", "invalid")),
        ("language=(a|b)*", ("language", "invalid")),
        ("year_from=1066", ("year_from", "invalid")),
        ("year_to=99999999999999999999", ("year_to", "invalid")),
        ("year_to=２０２０", ("year_to", "invalid")),
        ("year_from=2001&year_to=1999", ("year_from", "empty_range")),
        ("age=17", ("age", "invalid_choice")),
        ("age=-1", ("age", "invalid_choice")),
        ("availability=always", ("availability", "invalid_choice")),
        ("sort=length", ("sort", "invalid_choice")),
        ("sort=--title", ("sort", "invalid_choice")),
        ("sort=relevance", ("sort", "does_not_fit")),
        ("sort=opening", ("sort", "does_not_fit")),
        ("sort=closing&availability=coming", ("sort", "does_not_fit")),
        ("q=" + "x" * 101, ("q", "max_length")),
    ],
)
def test_what_cannot_be_used_is_named_and_left_out(address: str, fault: tuple[str, str]) -> None:
    query, faults = parse(address)
    assert faults == [fault]
    assert query.changed(availability=Availability.NOW) == ListingQuery()


def test_one_bad_value_costs_none_of_the_good_ones() -> None:
    query, faults = parse("genre=drama&genre=No+Slug&age=12&year_from=soon")
    assert query == ListingQuery(genres=("drama",), age=12)
    assert faults == [("genre", "invalid"), ("year_from", "invalid")]


def test_more_choices_than_a_person_makes_are_cut_off() -> None:
    query, faults = parse("&".join(f"tag=t{number}" for number in range(MOST_CHOICES + 1)))
    assert len(query.tags) == MOST_CHOICES
    assert faults == [("tag", "too_many")]


def test_a_repeated_choice_counts_once_and_of_single_values_the_last_does() -> None:
    query, faults = parse("tag=a&tag=a&age=6&age=12&genre=&q=")
    assert (query, faults) == (ListingQuery(tags=("a",), age=12), [])


def test_unknown_parameters_are_faults_only_to_those_who_ask() -> None:
    assert parse("utm_source=mail&cursor=x")[1] == []
    assert parse("utm_source=mail&cursor=x", also_known=["cursor"])[1] == [("utm_source", "unknown")]


@pytest.mark.parametrize(
    ("address", "order"),
    [
        ("", "-added"),
        ("q=x", "-relevance"),
        ("availability=coming", "opening"),
        ("availability=leaving", "closing"),
        ("availability=leaving&q=x", "-relevance"),
        ("q=x&sort=title", "title"),
    ],
)
def test_without_a_wish_the_order_fits_the_question(address: str, order: str) -> None:
    assert str(parse(address)[0].effective_order) == order


def test_an_order_that_does_not_fit_any_more_falls_away() -> None:
    query, _ = parse("q=x&sort=relevance&age=12")
    assert query.to_query_string(text="") == "age=12"
    assert Sort.RELEVANCE not in query.changed(text="").possible_sorts()
    assert query.possible_sorts()[:2] == [Sort.RELEVANCE, Sort.ADDED]


def test_one_choice_can_be_taken_back() -> None:
    query, _ = parse(FULL)
    assert query.without("genres", "drama").genres == ("sci-fi",)
    assert query.without("age", "12").age is None
    assert query.without("text", "").text == ""
    assert query.without("availability", "leaving").availability == Availability.NOW


def test_an_order_alone_narrows_nothing() -> None:
    assert not parse("sort=title")[0].is_narrowed
    assert parse("age=12")[0].is_narrowed


def test_an_order_can_be_turned_round() -> None:
    assert str(Order.natural(Sort.YEAR).reversed) == "year"
