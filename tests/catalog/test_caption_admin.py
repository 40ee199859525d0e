"""Captions on the editors' desk: uploading, looking through, moving, removing."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.captions.limits import MOST_BYTES
from catalog.models import Caption, Movie
from portal.models import AuditEntry, User
from tests.factories import SRT, make_caption, make_movie

pytestmark = pytest.mark.django_db


@pytest.fixture
def movie(db: None) -> Movie:
    return make_movie(title="Meridian", slug="meridian")


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def place(movie: Movie, rest: str = "") -> str:
    return f"/admin/catalog/movie/{movie.pk}/captions/{rest}"


def upload(desk: Client, movie: Movie, content: bytes = SRT, **values: Any) -> Any:
    sent = {"language": "th", "kind": "SUBTITLES", "label": "", **values}
    return desk.post(place(movie, "add/"), {"file": SimpleUploadedFile("x.srt", content), **sent}, follow=True)


def send(desk: Client, caption: Caption, step: str, **values: Any) -> Any:
    """Send one of the preview's forms as the browser does, from a page that was opened just now."""
    movie = Movie.objects.get(pk=caption.movie_id)
    named = {f"{step}-{name}": value for name, value in values.items()}
    sent = {"step": step, "seen_version": movie.version, **named}
    return desk.post(place(movie, f"{caption.pk}/"), sent, follow=True)


def text_of(response: Any) -> str:
    content: str = response.content.decode()
    return content


def messages_of(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_an_editor_adds_a_file_and_sees_its_cues(desk: Client, movie: Movie, editor: User) -> None:
    response = upload(desk, movie, language="TH")

    caption = Caption.objects.get()
    assert response.redirect_chain == [(place(movie, f"{caption.pk}/"), 302)]
    assert messages_of(response) == ["2 cues were read."]
    assert (caption.language, caption.label) == ("th", "ไทย")
    assert "The signal is gone." in text_of(response)
    assert "00:00:04.500" in text_of(response)
    assert AuditEntry.objects.latest("pk").actor == editor


def test_the_movies_form_lists_its_captions_with_what_can_be_done(desk: Client, movie: Movie) -> None:
    caption = make_caption(movie, is_default=True, warning_count=3)

    page = text_of(desk.get(f"/admin/catalog/movie/{movie.pk}/change/"))

    for address in (
        place(movie, "add/"),
        *(place(movie, f"{caption.pk}/{end}") for end in ("", "download/", "remove/")),
    ):
        assert f'href="{address}"' in page
    assert "English (en)" in page
    assert "3 places" in page


def test_a_new_movie_has_no_captions_to_list(desk: Client) -> None:
    assert "Add captions" not in text_of(desk.get("/admin/catalog/movie/add/"))


def test_the_list_has_a_page_of_its_own(desk: Client, movie: Movie) -> None:
    assert "The movie has no captions yet." in text_of(desk.get(place(movie)))
    make_caption(movie)
    assert "Preview and correct" in text_of(desk.get(place(movie)))


def test_every_fault_is_told_beside_the_file(desk: Client, movie: Movie) -> None:
    broken = b"1\n00:00:04,000 --> 00:00:02,000\nBack\n\n2\n00:00:xx --> 00:00:09,000\n<b>Never</b>\n"

    response = upload(desk, movie, broken)

    assert response.context["form"].errors["file"] == [
        "Line 2, cue 1: It does not end after it starts. Correct its times.",
        "Line 6, cue 2: “00:00:xx --> 00:00:09,000” cannot be read as times; write 00:00:01,000 --> 00:00:02,500.",
    ]
    assert not Caption.objects.exists()


@pytest.mark.parametrize(
    ("values", "field", "told"),
    [
        ({"language": "klingonish"}, "language", "no language tag"),
        ({"language": ""}, "language", "required"),
        ({"kind": "LYRICS"}, "kind", "not one of the available choices"),
        ({"label": "x" * 101}, "label", "at most 100"),
        ({"file": ""}, "file", "required"),
        ({"file": SimpleUploadedFile("x.srt", b"PK\x03\x04zip")}, "file", "This is a ZIP file"),
        ({"file": SimpleUploadedFile("x.srt", b"")}, "file", "The file is empty."),
        ({"file": SimpleUploadedFile("x.srt", SRT * (MOST_BYTES // len(SRT) + 1))}, "file", "larger than 2 MB"),
    ],
)
def test_each_bad_value_is_told_at_its_field(
    desk: Client, movie: Movie, values: dict[str, Any], field: str, told: str
) -> None:
    response = upload(desk, movie, **values)

    errors = response.context["form"].errors
    assert list(errors) == [field]
    assert told in str(errors[field])
    assert not Caption.objects.exists()


def test_a_second_text_of_the_same_kind_is_refused_in_words(desk: Client, movie: Movie) -> None:
    make_caption(movie)

    response = upload(desk, movie, language="en")

    assert "There are such captions already" in str(response.context["form"].errors["language"])
    assert Caption.objects.count() == 1


def test_the_preview_shows_warnings_at_their_cues_and_alone_if_wanted(desk: Client, movie: Movie) -> None:
    upload(desk, movie, SRT.replace(b"00:00:04,500", b"00:00:02,500"))
    caption = Caption.objects.get()

    everything = text_of(desk.get(place(movie, f"{caption.pk}/")))
    alone = desk.get(place(movie, f"{caption.pk}/?warnings"))

    assert "It starts before cue 1 has ended." in everything
    assert "The signal is gone." in everything
    assert [cue.number for cue in alone.context["cues"]] == [2]


@pytest.mark.parametrize(
    ("mark", "told"),
    [("{\\an8}", "At the top"), ("{\\an5}", "In the middle"), ("{\\an1}", "position:0% align:left"), ("", "")],
)
def test_the_preview_says_where_a_cue_stands(desk: Client, movie: Movie, mark: str, told: str) -> None:
    response = upload(desk, movie, f"1\n00:00:01,000 --> 00:00:02,000\n{mark}Hi\n".encode())

    assert response.context["cues"][0].place == told
    assert told in text_of(response)


def test_warnings_about_the_whole_file_stand_above(desk: Client, movie: Movie) -> None:
    response = upload(desk, movie, b"Translated by somebody\n\n" + SRT)

    assert "Line 1: Text before the first cue was left out." in text_of(response)
    assert messages_of(response) == ["2 cues were read. 1 place to look at."]


def test_a_long_text_comes_in_pages(desk: Client, movie: Movie) -> None:
    cues = "".join(
        f"{n}\n00:{n // 60:02}:{n % 60:02},000 --> 00:{n // 60:02}:{n % 60:02},900\nLine {n}\n\n" for n in range(250)
    )
    upload(desk, movie, cues.encode())
    path = place(movie, f"{Caption.objects.get().pk}/")

    assert [cue.number for cue in desk.get(path).context["cues"]] == list(range(1, 101))
    last = desk.get(f"{path}?page=3")
    assert [cue.number for cue in last.context["cues"]][-1] == 250
    assert "Page 3 of 3" in text_of(last)
    assert desk.get(f"{path}?page=soon").status_code == 200
    assert desk.get(f"{path}?page=-9").status_code == 200


def test_markup_in_a_cue_or_label_is_shown_as_text(desk: Client, movie: Movie) -> None:
    evil = "1\n00:00:01,000 --> 00:00:02,000\n1 < 2 &lt;img src=x onerror=alert(1)&gt; <script>alert(2)</script>\n"

    page = text_of(upload(desk, movie, evil.encode(), label="<b>bold</b>"))

    assert "1 &lt; 2 &lt;img src=x onerror=alert(1)&gt; alert(2)" in page
    assert "<b>bold</b>" not in page
    assert "onerror=alert(1)>" not in page


def test_cues_are_moved_by_seconds(desk: Client, movie: Movie) -> None:
    caption = make_caption(movie)

    response = send(desk, caption, "shift", offset_s="1.5", rate="1")

    assert messages_of(response) == ["The cues were moved."]
    caption.refresh_from_db()
    assert "00:00:02.500 --> 00:00:04.500" in caption.webvtt


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"rate": "23.976→25"}, "00:00:00.959 --> 00:00:02.877"),
        ({"rate": "25→23.976"}, "00:00:01.043 --> 00:00:03.128"),
        ({"rate": "other", "stretch": "1.5"}, "00:00:01.500 --> 00:00:04.500"),
        ({"rate": "1", "stretch": "1.5"}, "00:00:01.000 --> 00:00:03.000"),
    ],
)
def test_cues_are_stretched_between_frame_rates(
    desk: Client, movie: Movie, values: dict[str, str], expected: str
) -> None:
    caption = make_caption(movie)

    send(desk, caption, "shift", **values)

    caption.refresh_from_db()
    assert expected in caption.webvtt


def test_two_cues_are_put_where_they_should_be(desk: Client, movie: Movie) -> None:
    caption = make_caption(movie)

    send(desk, caption, "points", first_cue=1, first_at="2", second_cue=2, second_at="0:06,2")

    caption.refresh_from_db()
    assert "00:00:02.000 --> " in caption.webvtt
    assert "00:00:06.200 --> " in caption.webvtt


@pytest.mark.parametrize(
    ("step", "values", "field"),
    [
        ("shift", {"offset_s": "soon", "rate": "1"}, "offset_s"),
        ("shift", {"offset_s": "-60", "rate": "1"}, "offset_s"),
        ("shift", {"rate": "12→13"}, "rate"),
        ("shift", {"rate": "other"}, "stretch"),
        ("shift", {"rate": "other", "stretch": "9"}, "stretch"),
        ("points", {"first_cue": 1, "first_at": "x", "second_cue": 2, "second_at": "9"}, "first_at"),
        ("points", {"first_cue": 1, "first_at": "1", "second_cue": 7, "second_at": "9"}, "second_cue"),
        ("points", {"first_cue": 1, "first_at": "1", "second_cue": 1, "second_at": "9"}, "second_cue"),
        ("points", {"first_cue": 1, "first_at": "1", "second_cue": 2, "second_at": "99"}, "second_cue"),
        ("points", {"first_cue": 1, "first_at": "1", "second_cue": 2, "second_at": "9" * 20}, "second_at"),
        ("details", {"language": "??", "kind": "FORCED"}, "language"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(
    desk: Client, movie: Movie, step: str, values: dict[str, Any], field: str
) -> None:
    caption = make_caption(movie)

    response = send(desk, caption, step, **values)

    assert list(response.context[f"{step}_form"].errors) == [field]
    before = caption.webvtt
    caption.refresh_from_db()
    assert (caption.webvtt, caption.kind) == (before, "SUBTITLES")


def test_details_are_changed_without_touching_the_text(desk: Client, movie: Movie) -> None:
    caption = make_caption(movie)
    before = caption.webvtt

    response = send(desk, caption, "details", language="en-gb", kind="CAPTIONS", label="British", is_default="on")

    assert messages_of(response) == ["Saved."]
    caption.refresh_from_db()
    assert (caption.language, caption.kind, caption.label, caption.is_default) == (
        "en-GB",
        "CAPTIONS",
        "British",
        True,
    )
    assert caption.webvtt == before


def test_another_file_replaces_the_text(desk: Client, movie: Movie) -> None:
    caption = make_caption(movie)
    file = SimpleUploadedFile("x.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nNew\n")

    send(desk, caption, "details", language="en", kind="SUBTITLES", label="English", file=file)

    caption.refresh_from_db()
    assert caption.cue_count == 1


@pytest.mark.parametrize("step", ["shift", "details"])
def test_what_was_sent_from_an_older_page_is_refused_in_words(desk: Client, movie: Movie, step: str) -> None:
    caption = make_caption(movie)
    page = desk.get(place(movie, f"{caption.pk}/"))
    Movie.objects.update(version=7)
    values = {"offset_s": "2", "rate": "1", "language": "en", "kind": "FORCED"}
    sent = {"step": step, "seen_version": page.context["seen_version"]}
    sent |= {f"{step}-{name}": value for name, value in values.items()}

    response = desk.post(place(movie, f"{caption.pk}/"), sent)

    assert "Somebody else has changed this movie" in text_of(response)
    before = caption.webvtt
    caption.refresh_from_db()
    assert (caption.webvtt, caption.kind) == (before, "SUBTITLES")


def test_a_step_that_does_not_exist_does_nothing(desk: Client, movie: Movie) -> None:
    caption = make_caption(movie)
    assert send(desk, caption, "burn").status_code == 200
    assert not AuditEntry.objects.filter(action__startswith="caption.").exists()


def test_the_text_is_downloaded_as_a_file(desk: Client, movie: Movie) -> None:
    caption = make_caption(movie)

    response = desk.get(place(movie, f"{caption.pk}/download/"))

    assert response.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="meridian.en.subtitles.vtt"'
    assert text_of(response) == caption.webvtt


def test_removing_asks_first(desk: Client, movie: Movie) -> None:
    caption = make_caption(movie)
    path = place(movie, f"{caption.pk}/remove/")

    assert "Viewers lose them at once." in text_of(desk.get(path))
    assert Caption.objects.exists()
    response = desk.post(path, follow=True)
    assert messages_of(response) == ["Removed: English"]
    assert not Caption.objects.exists()


PAGES = ("", "add/", "{caption}/", "{caption}/download/", "{caption}/remove/")
READING = {"", "{caption}/", "{caption}/download/"}


@pytest.mark.parametrize("person", ["anonymous", "viewer", "broadcaster", "operator", "editor"])
def test_who_may_do_what(request: pytest.FixtureRequest, client: Client, movie: Movie, person: str) -> None:
    caption = make_caption(movie)
    if person != "anonymous":
        client.force_login(request.getfixturevalue(person))
    for page in PAGES:
        path = place(movie, page.format(caption=caption.pk))
        may_read = person == "editor" or (person == "operator" and page in READING)
        refused = 403 if person == "operator" else 302
        assert client.get(path).status_code == (200 if may_read else refused), page
        if person != "editor" and page not in {"", "{caption}/download/"}:
            assert client.post(path, {"step": "shift", "shift-offset_s": "1"}).status_code == refused, page
    assert Caption.objects.get().webvtt == caption.webvtt


def test_those_who_only_look_find_no_forms(client: Client, movie: Movie, operator: User) -> None:
    caption = make_caption(movie)
    client.force_login(operator)

    page = text_of(client.get(place(movie, f"{caption.pk}/")))

    assert "The signal is gone." in page
    assert 'name="step"' not in page
    assert "Add captions" not in text_of(client.get(place(movie)))


def test_captions_are_found_only_at_their_own_movie(desk: Client, movie: Movie) -> None:
    elsewhere = make_caption(make_movie())

    for page in ("", "download/", "remove/"):
        assert desk.get(place(movie, f"{elsewhere.pk}/{page}")).status_code == 404
    assert desk.get(f"/admin/catalog/movie/{10**30}/captions/").status_code == 404


def test_more_captions_cost_no_more_queries(desk: Client, movie: Movie) -> None:
    make_caption(movie)
    desk.get(place(movie))
    with CaptureQueriesContext(connection) as few:
        desk.get(place(movie))
    for language in ("th", "de", "fr", "ja"):
        make_caption(movie, language=language)
    with CaptureQueriesContext(connection) as many:
        desk.get(place(movie))
    assert len(many) == len(few)
    assert not any("webvtt" in query["sql"] for query in many)
