"""Every number that a page of figures shows leads to what it means, and that is there."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from analytics.definitions import DEFINITIONS
from portal import clock
from portal.models import User
from tests.analytics.figures import make_day, make_minutes, make_seconds, make_session, make_subject
from tests.factories import make_channel, make_movie, make_stream

pytestmark = pytest.mark.django_db

KNOWN = {definition.id for definition in DEFINITIONS}
KINDS = Path(__file__).resolve().parents[2] / "static/src/js/figures/kinds.js"
# Words that head a column of no numbers, or of moments.
PLAIN = {
    *("Stream", "Title", "Day (UTC)"),
    *("Joined", "State", "Device", "Country"),
    *("Began", "On air for", "Why it ended", "Recording"),
}


@pytest.fixture
def pages(client: Client, administrator: User) -> dict[str, str]:
    """Return every page that has numbers, with all that it can show."""
    at = clock.now().replace(microsecond=0)
    movie = make_movie(slug="meridian", title="Meridian")
    channel = make_channel(slug="harbour")
    stream, past = make_stream(channel), make_stream(channel, phase="ended", started_at=at - timedelta(hours=2))
    make_seconds(make_subject(), at - timedelta(seconds=12), [3] * 10, sealed=False)
    make_minutes(make_subject(past), at - timedelta(hours=2), [7])
    make_session(make_subject(stream), at=at)
    make_day(make_subject(movie), at.date(), views=40, plays=40, scores=40 * 80.0, scored=40, success_scores=4000.0)
    client.force_login(administrator)
    paths = ("/dashboard/", "/dashboard/movies/meridian/", f"/dashboard/streams/{stream.pk}/", "/studio/harbour/")
    return {path: client.get(path).content.decode() for path in paths}


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def is_linked(html: str) -> bool:
    return "/dashboard/definitions/#" in html


def test_each_link_leads_to_a_definition(pages: dict[str, str]) -> None:
    anchors = {path: set(re.findall(r"/dashboard/definitions/#([\w-]*)", html)) for path, html in pages.items()}
    assert {path: found - KNOWN for path, found in anchors.items() if found - KNOWN} == {}
    assert min(map(len, anchors.values())) > 5


def test_large_numbers_charts_and_parts_of_scores_lead_there(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        lists = "".join(re.findall(r'<dl class="(?:gauges|score-parts)">.*?</dl>', html, re.DOTALL))
        charts = re.findall(r"<figure.*?</figure>", html, re.DOTALL)
        terms = re.findall(r"<dt>.*?</dt>", lists, re.DOTALL)
        assert [words(each) for each in (*terms, *charts) if not is_linked(each)] == [], path
        assert len(terms) > 5, path
        assert charts, path


def test_columns_of_numbers_lead_there(pages: dict[str, str]) -> None:
    heads = [head for html in pages.values() for head in re.findall(r'<th[^>]*scope="col".*?</th>', html, re.DOTALL)]
    assert {words(head) for head in heads if not is_linked(head)} == PLAIN


def test_lines_that_are_something_else_than_their_chart_lead_there() -> None:
    meant = set(re.findall(r'means: "([\w-]+)"', KINDS.read_text(encoding="utf-8")))
    assert meant
    assert meant <= KNOWN
