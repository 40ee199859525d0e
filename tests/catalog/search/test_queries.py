import pytest
from django.db import connection

from catalog.search.queries import LONGEST_QUERY, MOST_TOKENS, parse_query, phrase_of
from catalog.search.vectors import Vector


def finds(typed: str, *, title: str, near: bool = False) -> bool:
    vector, query = Vector(), parse_query(typed)
    vector.add(title, "A", is_name=True)
    expression = query.near_expression() if near else query.expression()
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector @@ %s::tsquery", [str(vector), expression])
        found: bool = cursor.fetchone()[0]
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("amelie", "Amélie"),
        ("incep", "Inception"),
        ("dark kn", "The Dark Knight"),
        ("knight dark", "The Dark Knight"),
        ("spiderman", "Spider-Man"),
        ("spider man", "Spiderman"),
        ("spider-man", "Spider Man"),
        ("spiderm", "Spider-Man"),
        ("wall e", "WALL·E"),
        ("walle", "Wall-E"),
        ("rocky 2", "Rocky II"),
        ("rocky ii", "Rocky 2"),
        ("et", "E.T. the Extra-Terrestrial"),
        ("the lord of the rings", "Lord of the Rings"),
        ("romeo and juliet", "Romeo & Juliet"),
        ("schindlers list", "Schindler's List"),
        ("schindler list", "Schindler’s List"),
        ("fahrenheit 451", "Fahrenheit 451"),
        ("แฟน", "แฟนฉัน"),
        ("ฉัน", "แฟนฉัน"),
        ("แฟนฉัน", "แฟน ฉัน"),
        ("แฟน ฉัน", "แฟนฉัน"),
        ("ตมยำกุง", "ต้มยำกุ้ง"),
        ("ฉ", "แฟนฉัน"),
        ("年华", "花样年华"),
        ("华", "花样年华"),
        ("花样 wong", "花样年华 Wong"),
        ("となり", "となりのトトロ"),
        ("ととろ", "となりのトトロ"),
        ("기생", "기생충"),
        ("올드 보이", "올드보이"),
        ("the", "The"),
    ],
)
def test_what_people_type_finds_what_they_mean(typed: str, title: str) -> None:
    assert finds(typed, title=title)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("them", "The Man"),
        ("dark knights x", "The Dark Knight"),
        ("ฉันแฟน", "แฟนฉัน"),
        ("华年", "花样年华"),
        ("ปี", "ปู"),
        ("tion", "Inception"),
        ("war", "Wandering"),
    ],
)
def test_what_is_something_else_is_not_found(typed: str, title: str) -> None:
    assert not finds(typed, title=title)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("แฟนฉิน", "แฟนฉัน"),  # another vowel
        ("แฟนัน", "แฟนฉัน"),  # one missing
        ("แฟนฉันน", "แฟนฉัน"),  # one too many
        ("花样年花", "花样年华"),
        ("matrix nonsense", "The Matrix"),
        ("matrix กกกก", "The Matrix"),
    ],
)
def test_what_is_nearly_right_is_found_by_looking_less_closely(typed: str, title: str) -> None:
    assert not finds(typed, title=title)
    assert finds(typed, title=title, near=True)


def test_a_single_word_has_nothing_nearby() -> None:
    assert parse_query("matrix").near_expression() == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "hostile",
    [
        "a & b | !c", "'; DROP TABLE x; --", "foo:*", "(((", "<->", "a <2> b", "\\", "'", "''", "it's", "\\'",
        "%s %(x)s", "\x00", "a\x00b", "𝔘𝔫𝔦", "\u202eabc", "🎬🎬", "*:A", "x" * 5000, "กิ" * 500, "a " * 400,
        "İ" * 200, "ﷺ" * 100,
        "+spiderman", "!!!", "   ", "",
    ],
)  # fmt: skip
def test_nothing_that_is_typed_is_read_as_a_query(hostile: str) -> None:
    query = parse_query(hostile)
    for expression in (query.expression(), query.near_expression()):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'x'::tsvector @@ %s::tsquery", [expression])
            assert cursor.fetchone() is not None
    assert query.is_empty or query.expression()


def test_what_is_beyond_the_limits_is_cut_off() -> None:
    query = parse_query("ab " * 500)
    assert len(query.text) <= LONGEST_QUERY
    assert len(query.tokens) == MOST_TOKENS


def test_a_phrase_keeps_the_order_of_its_pairs() -> None:
    assert phrase_of("花样年") == "('花样' <-> '样年')"
    assert phrase_of("花") == "'花':*"


def test_a_query_can_be_spelled_anew() -> None:
    query = parse_query("The Incepiton 花样").respelled({"incepiton": "inception"})
    assert query.text == "inception 花样"
    assert query.expression() == parse_query("inception 花样").expression()
