import pytest

from catalog.search.tokens import (
    LONGEST_WORD,
    Token,
    join_runs,
    number_of,
    pairs,
    sort_key,
    strip_article,
    title_key,
    title_keys,
    tokenize,
    words_after_elision,
)


def words(text: str) -> list[str]:
    return [token.text for token in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Spider-Man", ["the", "spider", "man"]),
        ("E.T. the Extra-Terrestrial", ["et", "the", "extra", "terrestrial"]),
        ("M*A*S*H", ["mash"]),
        ("S.H.I.E.L.D", ["shield"]),
        ("WALL·E", ["walle"]),
        ("8½", ["81", "2"]),
        ("What?! (2020) – a film…", ["what", "2020", "a", "film"]),
        ("end. A start", ["end", "a", "start"]),
        ("2046电影", ["2046", "电影"]),
        ("!!!", []),
        ("", []),
        ("नमस्ते लंदन", ["नमस्ते", "लंदन"]),
    ],
)
def test_a_text_is_cut_into_words_and_runs(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_run_is_told_from_a_word() -> None:
    assert tokenize("Nang นางนาก") == [Token("nang"), Token("นางนาก", is_run=True)]


def test_no_word_is_longer_than_an_index_takes() -> None:
    assert words("x" * 3000) == ["x" * LONGEST_WORD]


def test_runs_beside_each_other_are_one_to_the_index() -> None:
    assert [token.text for token in join_runs(tokenize("แฟน ฉัน 2 ภาค"))] == ["แฟนฉัน", "2", "ภาค"]


def test_a_run_is_indexed_by_each_character_with_the_next() -> None:
    assert pairs("花样年") == ["花样", "样年", "年"]
    assert pairs("花") == ["花"]


@pytest.mark.parametrize(("word", "number"), [("ii", "2"), ("xvi", "16"), ("i", ""), ("mix", ""), ("2", "")])
def test_roman_numerals_of_sequels_have_a_number(word: str, number: str) -> None:
    assert number_of(word) == number


@pytest.mark.parametrize("text", ["Spider-Man", "spider man", "SPIDERMAN", "Spídér–Man!"])
def test_a_title_has_one_key_however_it_is_written(text: str) -> None:
    assert title_key(text) == "spiderman"


def test_the_keys_of_a_film_are_those_of_its_titles_with_and_without_article() -> None:
    assert title_keys("The Leopard", "Il gattopardo") == " gattopardo ilgattopardo leopard theleopard "


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("The Thing", "Thing"),
        ("La Haine", "Haine"),
        ("L’Avventura", "Avventura"),
        ("Theater", "Theater"),
        ("The", "The"),
        ("A ", "A "),
        ("Das Boot", "Boot"),
    ],
)
def test_an_article_does_not_count_unless_it_is_all(title: str, bare: str) -> None:
    assert strip_article(title) == bare


def test_titles_are_sorted_as_a_reader_expects() -> None:
    ordered = [
        "2 Fast",
        "10 Things",
        "Ágora",
        "The Apartment",
        "Rocky 2",
        "Rocky 10",
        "Žena",
        "กาเหว่า",
        "แฟนฉัน",
        "มหา'ลัย",
    ]
    assert sorted(ordered, key=sort_key) == ["2 Fast", "10 Things", "Ágora", *ordered[3:]]


def test_a_key_to_sort_by_fits_its_column() -> None:
    assert len(sort_key("1 " * 100)) <= 250


@pytest.mark.parametrize(
    ("text", "grown_onto"),
    [
        ("L'Avventura", ["avventura"]),
        ("Le Fabuleux Destin d’Amélie", ["amelie"]),
        ("Viaggio nell'età dell’oro", ["eta", "oro"]),
        ("Schindler's List", []),
        ("Rock 'n' Roll", []),
        ("O'Brien", []),
    ],
)
def test_words_that_an_article_has_grown_onto_are_words_too(text: str, grown_onto: list[str]) -> None:
    assert [token.text for token in words_after_elision(text)] == grown_onto
