"""What machines read: descriptions, lengths, and JSON-LD that no text can leave."""

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import metadata
from catalog.metadata import FilmFacts


class ScriptReader(HTMLParser):
    """Collects what stands in script elements, as a browser would cut them."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.scripts:
            self.scripts[-1] += data


@given(st.text())
def test_no_text_leaves_the_script_it_stands_in(text: str) -> None:
    written = metadata.film_as_json_ld(FilmFacts(name=text or "x", url="https://x/", description=text, year=2000))

    reader = ScriptReader()
    reader.feed(f'<script type="application/ld+json">{written}</script>')

    assert reader.tags == ["script"]
    assert json.loads(written)["name"] == (text or "x")


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!-- <script>", "\u2028", "]]>"])
def test_what_could_end_a_script_is_escaped(text: str) -> None:
    written = metadata.as_json_ld({"name": text})

    assert not set(written) & set("<>&\u2028\u2029")
    assert json.loads(written)["name"] == text


def test_a_film_is_told_as_schema_org_wants_it() -> None:
    film = FilmFacts(
        name="Meridian",
        url="https://nova.example/movies/meridian/",
        description="A call.",
        year=2025,
        original_name="Méridien",
        image="https://nova.example/social.jpg",
        duration_s=8040,
        genres=("Thriller",),
        keywords=("space", "time"),
        languages=("en",),
        subtitles=("th",),
        countries=("NO",),
        rating="12+",
        trailer_url="https://video.example/1",
        directors=(("Ida", "https://nova.example/people/ida/"),),
    )

    told = json.loads(metadata.film_as_json_ld(film))

    assert (told["@context"], told["@type"]) == ("https://schema.org", "Movie")
    assert (told["duration"], told["contentRating"], told["inLanguage"]) == ("PT2H14M", "12+", ["en"])
    assert told["director"] == [{"@type": "Person", "name": "Ida", "url": "https://nova.example/people/ida/"}]
    assert told["countryOfOrigin"] == [{"@type": "Country", "name": "NO"}]
    assert told["trailer"]["embedUrl"] == "https://video.example/1"
    assert (told["keywords"], told["subtitleLanguage"]) == ("space, time", ["th"])


def test_what_is_not_known_is_not_told() -> None:
    told = json.loads(metadata.film_as_json_ld(FilmFacts(name="X", url="https://x/", description="", year=2000)))

    assert set(told) == {"@context", "@type", "name", "url", "dateCreated"}


@pytest.mark.parametrize(
    ("seconds", "written"), [(1, "PT1M"), (59 * 60, "PT59M"), (3600, "PT1H"), (5640, "PT1H34M"), (7199, "PT2H")]
)
def test_a_length_is_written_as_iso_8601_has_it(seconds: int, written: str) -> None:
    assert metadata.duration_iso(seconds) == written


def test_a_description_is_the_first_text_that_says_anything() -> None:
    assert metadata.describe(" \n ", "Two\n lines.", "Third.") == "Two lines."
    assert metadata.describe("", "") == ""


def test_a_long_description_ends_after_a_word() -> None:
    described = metadata.describe("word " * 100)

    assert described.endswith("word…")
    assert len(described) <= metadata.LONGEST_DESCRIPTION


def test_a_long_description_without_spaces_is_cut_where_it_must_be() -> None:
    described = metadata.describe("ก" * 500)

    assert len(described) == metadata.LONGEST_DESCRIPTION
    assert described.endswith("…")
