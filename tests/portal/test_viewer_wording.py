import pytest
from django.template import Context, Template
from django.utils import translation

from portal.viewer_wording import short_figure


@pytest.mark.parametrize(
    ("viewers", "figure"),
    [
        *((0, "0"), (7, "7"), (999, "999"), (1000, "1K"), (1049, "1K"), (1050, "1.1K"), (1234, "1.2K")),
        *((9949, "9.9K"), (9950, "10K"), (12_345, "12K"), (99_500, "100K"), (999_499, "999K")),
        *((999_500, "1M"), (1_250_000, "1.3M"), (12_500_000, "13M")),
    ],
)
def test_a_figure_is_as_short_as_browsers_write_it(viewers: int, figure: str) -> None:
    assert short_figure(viewers) == figure


def shown(arguments: str, **values: object) -> str:
    template = Template(f'{{% load nova %}}{{% viewers "movie:7" count {arguments} %}}')
    return " ".join(template.render(Context(values)).split())


@pytest.mark.parametrize(
    ("count", "words", "read_out"),
    [(0, "0 viewers", "0 viewers"), (1, "1 viewer", "1 viewer"), (1234, "1.2K viewers", "1,234 viewers")],
)
def test_a_figure_has_its_words_and_the_exact_one_behind_it(count: int, words: str, read_out: str) -> None:
    html = shown("", count=count)
    assert f"data-viewers-shown>{words}<" in html
    assert f'title="{read_out}"' in html
    assert f"data-viewers-exact>{read_out}<" in html
    assert "hidden>" not in html


def test_the_words_may_be_read_out_alone() -> None:
    html = shown("in_words=False", count=1234)
    assert "data-viewers-shown>1.2K<" in html
    assert "data-viewers-exact>1,234 viewers<" in html


def test_what_nobody_knows_is_not_shown_as_nothing() -> None:
    html = shown("", count=None)
    assert "hidden>" in html
    assert "data-viewers-shown><" in html
    assert "data-count" not in html


@pytest.mark.parametrize(("count", "is_shown"), [(0, False), (1, True)])
def test_of_a_film_nothing_is_said_while_nobody_watches(count: int, is_shown: bool) -> None:
    html = shown('"watching"', count=count)
    assert ("1 watching now" in html) == is_shown
    assert ("hidden>" in html) != is_shown


def test_it_is_said_in_thai() -> None:
    with translation.override("th"):
        html = shown("", count=1234)
    assert "data-viewers-shown>ผู้ชม 1.2K คน<" in html
    assert 'data-one="ผู้ชม # คน"' in html
