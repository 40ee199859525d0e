import pytest

from catalog.models import Movie, SearchWord
from catalog.search.corrections import respell, spellings_of
from catalog.search.queries import parse_query
from tests.factories import make_credit, make_movie, make_person

pytestmark = pytest.mark.django_db


def respelled(typed: str) -> str | None:
    query = respell(parse_query(typed), Movie.objects.all())
    return query.text if query else None


def test_the_nearest_known_words_are_proposed_and_short_ones_left_alone() -> None:
    make_movie(title="Alien Alive War")
    assert spellings_of(["alein", "wra", "zzzz"], is_unfinished=False) == {"alein": ["alien"], "zzzz": []}


def test_only_the_last_word_may_be_unfinished() -> None:
    make_movie(title="Inception Metropolis")
    assert spellings_of(["incpe", "metrp"], is_unfinished=True) == {"incpe": [], "metrp": ["metropolis"]}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("seven samuria", "seven samurai"),
        ("sevne samurai", "seven samurai"),
        ("kurosava samurai", "kurosawa samurai"),
        ("toshiru mifune", "toshiro mifune"),
        ("seven sam", "seven sam"),
        ("seven zzzzzz", None),
        ("zzzzzz", None),
        ("sva", None),
        ("七人", None),
    ],
)
def test_a_query_is_spelled_as_the_film_it_finds(typed: str, meant: str | None) -> None:
    movie = make_movie(title="Seven Samurai")
    make_credit(movie, make_person(name="Akira Kurosawa"), role="DIRECTOR")
    make_credit(movie, make_person(name="Toshirō Mifune"))
    assert respelled(typed) == meant


def test_a_known_word_gives_way_where_it_leads_nowhere() -> None:
    make_movie(title="Annie Hall")
    make_movie(title="Alien Planet")
    make_movie(title="Allen")
    # "allen" is a word of the catalogue; with "planet" only "alien" makes sense.
    assert respelled("allen planet") == "alien planet"


def test_of_what_the_viewer_cannot_find_nothing_is_proposed() -> None:
    make_movie(title="Secret Project", visibility="HIDDEN")
    assert respell(parse_query("secrte"), Movie.objects.filter(visibility="PUBLISHED")) is None
    assert SearchWord.objects.filter(word="secret").exists()


def test_a_word_of_many_likenesses_is_answered_by_the_nearest() -> None:
    for ending in ("a", "b", "c", "d", "e", "f", "g", "h"):
        make_movie(title=f"Matri{ending}")
    make_movie(title="Matrix")
    assert len(spellings_of(["matriz"], is_unfinished=False)["matriz"]) == 5
    assert respelled("matrixx") == "matrix"
