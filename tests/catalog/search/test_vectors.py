import pytest
from django.db import connection

from catalog.search.documents import MovieTexts, name_vector
from catalog.search.vectors import Vector, words_of


def stored(vector: str) -> str:
    """Return the vector as PostgreSQL writes what it understood."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector::text", [vector])
        text: str = cursor.fetchone()[0]
    return text


@pytest.mark.django_db
def test_a_name_is_indexed_by_its_words_and_by_two_of_them_as_one() -> None:
    assert stored(name_vector("Spider-Man II")) == "'+manii':2A '+spiderman':1A '2':3A 'ii':3A 'man':2A 'spider':1A"


def test_other_texts_are_indexed_by_their_words_alone() -> None:
    vector = Vector()
    vector.add("a heist", "D")
    assert str(vector) == "'a':1D 'heist':2D"


@pytest.mark.django_db
def test_a_phrase_does_not_lead_from_one_text_into_the_next() -> None:
    vector = Vector()
    vector.add("花样", "A")
    vector.add("年华", "A")
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector @@ '(''花样'' <-> ''样年'')'::tsquery", [str(vector)])
        assert cursor.fetchone()[0] is False


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["word " * 20_000, "กขคง" * 8_000, "it's \\ 'quoted' :1A", "🎬", "", "\u3000"])
def test_any_text_makes_a_vector_that_postgresql_takes(text: str) -> None:
    vector = Vector()
    vector.add(text, "D", is_name=True)
    stored(str(vector))


def test_words_weigh_by_where_they_stand() -> None:
    texts = MovieTexts(
        title="Alpha", original_title="Beta", tagline="Gamma", synopsis="Delta", year=1999, people=["Epsilon"],
        characters=["Zeta"], shelves=["Eta"],
    )  # fmt: skip
    weights = {entry.split(":")[0]: entry[-1] for entry in texts.vector().split()}
    assert weights == {
        "'alpha'": "A", "'beta'": "B", "'epsilon'": "B", "'gamma'": "C", "'zeta'": "C", "'eta'": "C", "'delta'": "D",
        "'1999'": "D",
    }  # fmt: skip


def test_words_that_may_be_misspelt_are_those_with_spaces_around() -> None:
    assert words_of(["Nang Nak", "นางนาก", "2046电影"]) == {"nang", "nak", "2046"}
