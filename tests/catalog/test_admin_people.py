"""The desks for people, genres and tags."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Person, Tag
from portal.models import AuditEntry, User
from tests.factories import make_credit, make_genre, make_movie, make_person, make_tag

pytestmark = pytest.mark.django_db

PEOPLE, TAGS, GENRES = "/admin/catalog/person/", "/admin/catalog/tag/", "/admin/catalog/genre/"


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def shown(person: Person | None = None, **overrides: Any) -> dict[str, Any]:
    names = ("name", "original_name", "slug", "biography")
    values = {name: getattr(person, name) if person else "" for name in names}
    return {**values, "seen_version": person.version if person else 1, **overrides}


def test_a_person_is_added_and_changed_through_the_services(desk: Client, editor: User) -> None:
    desk.post(f"{PEOPLE}add/", shown(name="Ann Lee", original_name="安李"))
    person = Person.objects.get()
    desk.post(f"{PEOPLE}{person.pk}/change/", shown(person, biography="Born."))

    assert person.slug == "ann-lee"
    trail = AuditEntry.objects.filter(object_type="catalog.person").order_by("pk")
    assert [(entry.action, entry.actor) for entry in trail] == [("person.created", editor), ("person.updated", editor)]
    assert trail[1].after == {"biography": "Born."}
    assert "Added" in desk.get(f"{PEOPLE}{person.pk}/history/").content.decode()


def test_the_films_are_locked_before_the_person_as_by_who_changes_a_film(desk: Client) -> None:
    person = make_person()
    make_credit(make_movie(), person)

    with CaptureQueriesContext(connection) as queries:
        desk.post(f"{PEOPLE}{person.pk}/change/", shown(person, name="Another"))

    locks = [query["sql"].split(" FROM ")[1].split()[0] for query in queries if "FOR UPDATE" in query["sql"]]
    assert locks[:2] == ['"catalog_movie"', '"catalog_person"']


def test_a_person_who_changed_meanwhile_is_not_overwritten(desk: Client) -> None:
    person = make_person(biography="Before")
    opened = shown(person, biography="Mine")
    desk.post(f"{PEOPLE}{person.pk}/change/", shown(person, biography="Theirs"))

    response = desk.post(f"{PEOPLE}{person.pk}/change/", opened)

    person.refresh_from_db()
    assert "Somebody else changed this person" in response.content.decode()
    assert person.biography == "Theirs"


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"name": ""}, "required"),
        ({"name": "x" * 121}, "at most 120"),
        ({"slug": "Not A Slug"}, "lower-case letters"),
        ({"slug": "taken"}, "already exists"),
        ({"biography": "x" * 5001}, "at most 5000"),
    ],
)
def test_bad_input_about_a_person_is_answered_in_the_form(desk: Client, fault: dict[str, Any], sentence: str) -> None:
    make_person(slug="taken")

    response = desk.post(f"{PEOPLE}add/", shown() | {"name": "Ann", **fault})

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert Person.objects.count() == 1


def test_the_list_counts_films_and_the_page_names_them(desk: Client) -> None:
    ann, film = make_person(name="Ann"), make_movie(title="Overtime <b>", year=2021)
    make_credit(film, ann, character="Mira"), make_credit(film, ann, role="DIRECTOR")
    make_person(name="Bob")

    found = {person.name: person.counted_films for person in desk.get(PEOPLE).context["cl"].result_list}
    html = desk.get(f"{PEOPLE}{ann.pk}/change/").content.decode()

    assert found == {"Ann": 1, "Bob": 0}
    assert "Overtime &lt;b&gt;</a> (2021), Cast: Mira" in html
    assert f"/movie/{film.pk}/change/" in html


@pytest.mark.parametrize("words", ["tautou", "AUDREY", "audr taut", "drey"])
def test_people_are_found_by_their_names(desk: Client, words: str) -> None:
    make_person(name="Audrey Tautoú"), make_person(name="Bob")

    assert [person.name for person in desk.get(PEOPLE, {"q": words}).context["cl"].result_list] == ["Audrey Tautoú"]


def test_the_autocompletion_of_credits_finds_people(desk: Client) -> None:
    ann = make_person(name="Amélie Ann")
    query = {"app_label": "catalog", "model_name": "credit", "field_name": "person", "term": "amelie"}

    assert desk.get("/admin/autocomplete/", query).json()["results"] == [{"id": str(ann.pk), "text": "Amélie Ann"}]


def test_only_who_is_in_no_film_is_removed(desk: Client, editor: User) -> None:
    credited, twice = make_credit(make_movie()).person, make_person()

    assert desk.post(f"{PEOPLE}{credited.pk}/delete/", {"post": "yes"}).status_code == 403
    assert desk.post(f"{PEOPLE}{twice.pk}/delete/", {"post": "yes"}).status_code == 302

    assert list(Person.objects.all()) == [credited]
    assert AuditEntry.objects.get(action="person.deleted").actor == editor


def test_people_are_not_removed_by_the_handful(desk: Client) -> None:
    person = make_person()

    desk.post(PEOPLE, {"action": "delete_selected", "_selected_action": [person.pk], "post": "yes"})

    assert Person.objects.exists()


def test_shelves_count_their_films_and_lead_to_them(desk: Client) -> None:
    genre, tag = make_genre(name="Drama"), make_tag(name="heist")
    make_movie(title="In it", genres=(genre,), tags=(tag,)), make_movie(title="Not in it")

    for path, key, shelf in ((GENRES, "genres", genre), (TAGS, "tags", tag)):
        assert f"../movie/?{key}__id__exact={shelf.pk}" in desk.get(path).content.decode()
        found = desk.get(f"/admin/catalog/movie/?{key}__id__exact={shelf.pk}").context["cl"].result_list
        assert [movie.title for movie in found] == ["In it"]


def test_a_genre_that_is_there_already_is_refused(desk: Client) -> None:
    make_genre(name="Drama", slug="drama")

    assert "already exists" in desk.post(f"{GENRES}add/", {"name": "Drama", "slug": "x"}).content.decode()


def merge(*tags: Tag, **more: Any) -> dict[str, Any]:
    return {"action": "merge_selected", "_selected_action": [tag.pk for tag in tags], "index": "0", **more}


def test_tags_are_merged_into_the_one_that_stays(desk: Client, editor: User) -> None:
    heist, heists, robbery = (make_tag(name=name) for name in ("heist", "heists", "robbery"))
    movie = make_movie(tags=(heists, robbery))
    other = make_movie(tags=(heist,))

    asked = desk.post(TAGS, merge(heist, heists, robbery))
    done = desk.post(TAGS, merge(heist, heists, robbery, confirmed="1", into=heist.pk), follow=True)

    assert "heists (1 movie)" in asked.content.decode()
    assert [str(message) for message in done.context["messages"]] == ["2 tags were merged."]
    assert list(Tag.objects.all()) == [heist]
    assert list(movie.tags.all()) == list(other.tags.all()) == [heist]
    assert AuditEntry.objects.filter(action="tag.merged", actor=editor).count() == 2


@pytest.mark.parametrize("into", ["", "0", "x", "999999999999999999999"])
def test_a_tag_that_was_not_chosen_cannot_stay(desk: Client, into: str) -> None:
    tags = make_tag(), make_tag()

    response = desk.post(TAGS, merge(*tags, confirmed="1", into=into))

    assert response.status_code == 200
    assert Tag.objects.count() == 2


def test_one_tag_alone_is_not_merged(desk: Client) -> None:
    response = desk.post(TAGS, merge(make_tag()), follow=True)

    assert [str(message) for message in response.context["messages"]] == ["Select at least two tags to merge."]


def test_an_operator_merges_nothing(client: Client, operator: User) -> None:
    tags = make_tag(), make_tag()
    client.force_login(operator)

    client.post(TAGS, merge(*tags, confirmed="1", into=tags[0].pk))

    assert Tag.objects.count() == 2
