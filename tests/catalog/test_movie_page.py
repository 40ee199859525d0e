"""The pages of films, genres and people: what they say, where they lead, and what they keep to themselves."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.models import Credit
from portal import clock
from portal.models import User
from tests.factories import AT, make_credit, make_genre, make_movie, make_person, make_tag, make_window

pytestmark = pytest.mark.django_db

Role = Credit.Role


def page_of(client: Client, path: str, **query: str) -> Any:
    response = client.get(path, query)
    assert response.status_code == 200, path
    return response.context["page"]


def html_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def meta_in(html: str, name: str) -> str:
    found = re.search(rf'<meta (?:name|property)="{name}"\s+content="([^"]*)"', html)
    return found[1] if found else ""


def structured(html: str) -> dict[str, Any]:
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    told: dict[str, Any] = json.loads(script)
    return told


# --- Facts and people -----------------------------------------------------------------------------------------------


def test_every_fact_stands_on_the_page_and_leads_on(client: Client) -> None:
    make_movie(
        slug="meridian",
        countries=["NO", "TH"],
        languages=["en", "zh-Hant"],
        minimum_age=12,
        trailer_url="https://video.example/1",
        genres=(make_genre(name="Drama", slug="drama"),),
        tags=(make_tag(name="space", slug="space"),),
    )

    page = page_of(client, "/movies/meridian/")

    assert (page.countries, page.rating) == (("Norway", "Thailand"), "12+")
    assert page.languages[0] == "English"
    assert "Chinese" in page.languages[1]
    assert [(link.label, link.url) for link in page.genres] == [("Drama", "/genres/drama/")]
    assert [(link.label, link.url) for link in page.tags] == [("space", "/movies/?tag=space")]
    assert 'href="https://video.example/1"' in html_of(client, "/movies/meridian/")


def test_people_stand_by_role_in_the_order_of_their_billing(client: Client) -> None:
    movie = make_movie(slug="meridian")
    ida, bo, cy = (make_person(name=name, slug=name.lower()) for name in ("Ida", "Bo", "Cy"))
    make_credit(movie, bo, role=Role.CAST, character="Ada")
    make_credit(movie, cy, role=Role.CAST)
    make_credit(movie, ida, role=Role.DIRECTOR)

    groups = page_of(client, "/movies/meridian/").credits

    assert [(group.label, [person.name for person in group.people]) for group in groups] == [
        ("Director", ["Ida"]),
        ("Cast", ["Bo", "Cy"]),
    ]
    assert (groups[1].people[0].character, groups[1].people[0].url) == ("Ada", "/people/bo/")
    assert [group.has_characters for group in groups] == [False, True]


def test_films_that_share_most_are_named_first(client: Client) -> None:
    drama, space, ida = make_genre(), make_tag(), make_person()
    movie = make_movie(slug="meridian", genres=(drama,), tags=(space,))
    make_credit(movie, ida)
    make_movie(title="Genre alone", genres=(drama,), published_at=AT)
    make_credit(make_movie(title="All three", genres=(drama,), tags=(space,), published_at=AT - timedelta(days=9)), ida)
    make_movie(title="Tag and genre", genres=(drama,), tags=(space,))
    make_movie(title="Nothing")
    make_movie(title="Hidden", genres=(drama,), tags=(space,), visibility="HIDDEN")

    similar = page_of(client, "/movies/meridian/").similar

    assert [card.title for card in similar] == ["All three", "Tag and genre", "Genre alone"]


# --- When -----------------------------------------------------------------------------------------------------------


def test_the_page_says_until_when_and_wakes_then(client: Client) -> None:
    ends_at = clock.now() + timedelta(days=3)
    make_window(make_movie(slug="meridian"), ends_at=ends_at)

    page = page_of(client, "/movies/meridian/")

    assert (page.leaves_at, page.opens_at, page.next_change_at) == (ends_at, None, ends_at)
    html = html_of(client, "/movies/meridian/")
    assert "Leaves on <time" in html
    assert f'data-next-change-at="{ends_at.isoformat()}"' in html


def test_a_film_that_comes_says_when(client: Client) -> None:
    starts_at = clock.now() + timedelta(days=3)
    make_window(make_movie(slug="meridian", is_announced=True), starts_at=starts_at)

    html = html_of(client, "/movies/meridian/")

    assert "Available from <time" in html
    assert "Coming soon" in html


def test_a_moment_of_another_year_names_it(client: Client) -> None:
    ends_at = clock.now().replace(year=clock.now().year + 2, month=3, day=4, hour=20, minute=5)
    make_window(make_movie(slug="meridian"), ends_at=ends_at)

    assert f"4 March {ends_at.year}, 20:05 UTC</time>" in html_of(client, "/movies/meridian/")


def test_a_film_without_a_limit_says_nothing_of_it(client: Client) -> None:
    make_movie(slug="meridian")

    html = html_of(client, "/movies/meridian/")

    assert 'data-next-change-at=""' in html
    assert "Leaves on" not in html


def test_a_former_address_leads_to_the_present_one_with_its_query(client: Client) -> None:
    make_movie(slug="after").slugs.create(slug="before")

    response = client.get("/movies/before/?x=1&y=%C3%A9")

    assert (response.status_code, response.headers["Location"]) == (301, "/movies/after/?x=1&y=%C3%A9")


# --- Genres and people ----------------------------------------------------------------------------------------------


def test_a_genre_has_a_page_of_its_films_and_of_no_others(client: Client) -> None:
    drama = make_genre(name="Drama", slug="drama")
    make_movie(title="A", year=2001, genres=(drama,), published_at=AT - timedelta(days=1))
    make_movie(title="B", year=2000, genres=(drama,))
    make_movie(title="Other")
    make_movie(title="Hidden", genres=(drama,), visibility="HIDDEN")

    page = page_of(client, "/genres/drama/")

    assert [card.title for card in page.films.movies] == ["B", "A"]
    sorted_by_year = page_of(client, "/genres/drama/", sort="-year")
    assert [card.title for card in sorted_by_year.films.movies] == ["A", "B"]
    assert all(choice.url.startswith("/genres/drama/?sort=") for choice in page.films.sorts)


def test_the_pages_of_a_genre_go_on(client: Client) -> None:
    drama = make_genre(slug="drama")
    for _ in range(30):
        make_movie(genres=(drama,))

    first = page_of(client, "/genres/drama/")
    second = client.get(first.films.next_url).context["page"]

    assert first.films.next_url.startswith("/genres/drama/?cursor=")
    assert len(first.films.movies) + len(second.films.movies) == 30
    assert (first.meta.is_indexed, second.meta.is_indexed) == (True, False)


def test_an_unknown_genre_has_no_page(client: Client) -> None:
    assert client.get("/genres/none/").status_code == 404


def test_a_person_has_a_page_of_films_by_role_the_latest_first(client: Client) -> None:
    ida = make_person(slug="ida", name="Ida", original_name="ไอดา", biography="Born <b>somewhere</b>.")
    for year in (1990, 2010):
        make_credit(make_movie(title=f"Of {year}", year=year), ida, role=Role.CAST, character="x")
    both = make_movie(title="Both", year=2000)
    make_credit(both, ida, role=Role.DIRECTOR)
    make_credit(both, ida, role=Role.CAST, character="one")
    make_credit(both, ida, role=Role.CAST, character="other")

    page = page_of(client, "/people/ida/")

    assert [(part.role, [card.title for card in part.movies]) for part in page.filmographies] == [
        ("Director", ["Both"]),
        ("Cast", ["Of 2010", "Both", "Of 1990"]),
    ]
    assert "Born &lt;b&gt;somewhere&lt;/b&gt;." in html_of(client, "/people/ida/")
    assert structured(html_of(client, "/people/ida/"))["alternateName"] == "ไอดา"


@pytest.mark.parametrize("visibility", ["DRAFT", "HIDDEN", "UNLISTED"])
def test_who_is_in_films_that_stand_in_no_list_has_no_page_for_viewers(
    client: Client, editor: User, visibility: str
) -> None:
    ida = make_person(slug="ida")
    make_credit(make_movie(visibility=visibility), ida)
    make_credit(make_movie(title="Closed"), make_person(slug="bo"))

    assert client.get("/people/ida/").status_code == 404
    assert client.get("/people/bo/").status_code == 200
    client.force_login(editor)
    assert page_of(client, "/people/ida/").filmographies == ()


def test_a_person_shows_no_film_that_viewers_may_not_see(client: Client) -> None:
    ida = make_person(slug="ida")
    make_credit(make_movie(title="Shown"), ida)
    make_credit(make_movie(title="Secret", visibility="HIDDEN"), ida)
    closed = make_movie(title="Over")
    make_window(closed, starts_at=AT - timedelta(days=5), ends_at=AT - timedelta(days=4))
    make_credit(closed, ida)

    html = html_of(client, "/people/ida/")

    assert "Shown" in html
    assert "Secret" not in html
    assert "Over<" not in html


# --- What machines read ---------------------------------------------------------------------------------------------


def test_a_film_introduces_itself_to_machines(client: Client, settings: Any) -> None:
    settings.NOVA_PUBLIC_URL = "https://nova.example"
    movie = make_movie(slug="meridian", title="Meridian", year=2025, synopsis="A call.", runtime_s=8040)
    make_credit(movie, make_person(name="Ida", slug="ida"), role=Role.DIRECTOR)

    html = html_of(client, "/movies/meridian/?utm_source=x")

    assert '<link rel="canonical" href="https://nova.example/movies/meridian/">' in html
    assert (meta_in(html, "description"), meta_in(html, "og:description")) == ("A call.", "A call.")
    assert (meta_in(html, "og:type"), meta_in(html, "og:title")) == ("video.movie", "Meridian (2025)")
    assert meta_in(html, "twitter:card").startswith("summary")
    assert "<title>Meridian (2025) · Nova</title>" in html
    told = structured(html)
    assert (told["@type"], told["name"], told["duration"]) == ("Movie", "Meridian", "PT2H14M")
    assert told["director"][0]["url"] == "https://nova.example/people/ida/"
    assert meta_in(html, "robots") == ""


def test_no_text_of_a_film_ends_the_script_that_describes_it(client: Client) -> None:
    make_movie(slug="x", title="</script><script>alert(1)</script>", synopsis="<!--<script>")

    html = html_of(client, "/movies/x/")

    assert "<script>alert" not in html
    assert structured(html)["name"] == "</script><script>alert(1)</script>"


@pytest.mark.parametrize(
    "path", ["/movies/meridian/", "/movies/?q=x", "/movies/?genre=drama", "/movies/?sort=title", "/genres/empty/"]
)
def test_what_search_engines_should_not_list_says_so(client: Client, path: str) -> None:
    make_movie(slug="meridian", visibility="UNLISTED")
    make_genre(slug="drama")
    make_genre(slug="empty")

    assert meta_in(html_of(client, path), "robots") == "noindex"


@pytest.mark.parametrize("path", ["/", "/movies/", "/genres/drama/", "/movies/meridian/"])
def test_what_they_should_list_has_a_title_a_description_and_a_feed(client: Client, path: str) -> None:
    make_movie(slug="meridian", genres=(make_genre(slug="drama"),))

    html = html_of(client, path)

    assert meta_in(html, "robots") == ""
    assert meta_in(html, "description")
    assert 'type="application/atom+xml"' in html


# --- From another moment --------------------------------------------------------------------------------------------


@pytest.fixture
def later() -> str:
    return (clock.now() + timedelta(days=10)).strftime("%Y-%m-%dT%H:%M")


def test_a_preview_says_so_and_its_links_keep_it(client: Client, editor: User, later: str) -> None:
    drama = make_genre(slug="drama")
    make_credit(make_movie(slug="meridian", genres=(drama,)), make_person(slug="ida"))
    make_movie(slug="other", genres=(drama,))
    client.force_login(editor)

    for path in ("/", "/movies/", "/movies/meridian/", "/genres/drama/", "/people/ida/"):
        response = client.get(path, {"at": later, "territory": "TH"})
        html = response.content.decode()
        assert "As viewers in Thailand see it on" in html, path
        assert response.headers["Cache-Control"].split(", ")[0] == "no-store"
        inner = re.findall(r'href="(/(?:movies|genres|people)/[^"]*)"', html)
        assert inner, path
        lost = [url for url in inner if "at=" not in url and url != path]
        assert lost == [], path


def test_a_preview_shows_what_will_be(client: Client, editor: User, later: str) -> None:
    make_window(make_movie(slug="meridian"), starts_at=clock.now() + timedelta(days=9))
    make_window(make_movie(slug="over"), ends_at=clock.now() + timedelta(days=9))
    client.force_login(editor)

    assert client.get("/movies/meridian/", {"at": later}).status_code == 200
    response = client.get("/movies/over/", {"at": later})
    assert response.status_code == 404
    assert "None of its windows is open then and there." in response.content.decode()


@pytest.mark.parametrize(("visibility", "reason"), [("DRAFT", "It is a draft."), ("HIDDEN", "It is hidden.")])
def test_a_preview_of_what_viewers_never_see_says_why(
    client: Client, editor: User, later: str, visibility: str, reason: str
) -> None:
    make_movie(slug="meridian", title="Meridian", visibility=visibility)
    client.force_login(editor)

    response = client.get("/movies/meridian/", {"at": later})

    assert response.status_code == 404
    html = response.content.decode()
    assert "Viewers do not see “Meridian” then" in html
    assert reason in html
    assert meta_in(html, "robots") == "noindex"


def test_viewers_have_no_other_moment(client: Client, viewer: User, later: str) -> None:
    make_movie(slug="meridian")
    client.force_login(viewer)

    assert client.get("/movies/meridian/", {"at": later}).status_code == 403


def test_editors_are_told_that_no_window_is_open(client: Client, editor: User) -> None:
    make_window(make_movie(slug="meridian"), starts_at=clock.now() + timedelta(days=9))
    client.force_login(editor)

    (note,) = page_of(client, "/movies/meridian/").notes

    assert str(note) == "None of its windows is open: viewers cannot see this film now."
