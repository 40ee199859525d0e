"""The captions of a package follow those of its movie, without a file of it ever changing."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from django_redis import get_redis_connection

from catalog.models import Caption, Movie
from catalog.services import captions
from portal import clock
from streaming.media.hls_package import build_playlists
from streaming.media.index_json import index_to_json, parse_index
from streaming.media.package_index import PackageIndex, SegmentEntry, TextFile, TextTrack, VideoTrack
from streaming.media.texts import on_timeline
from streaming.models import Package
from streaming.runtime.segment_store import FolderStore
from streaming.services import package_captions, packages
from streaming.services.caption_texts import caption_text
from streaming.services.package_captions import CaptionsAreOnTheirWay, follow_captions, list_behind
from streaming.tasks import follow_missed_captions
from tests.factories import AT, SRT, make_caption, make_movie, make_package, make_source

pytestmark = pytest.mark.django_db
VIDEO = VideoTrack(
    name="v1",
    codec="avc1.640028",
    timescale=25,
    start=250,
    segments=(SegmentEntry(100, 5000, 900), SegmentEntry(100, 5000, 900)),
    width_px=128,
    height_px=72,
    frame_rate=Fraction(25),
)
OWN = TextTrack(name="t1", label="Français", files=(TextFile(Fraction(8), 30),), language="fr")
Capture = Callable[..., AbstractContextManager[list[Callable[[], object]]]]


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


def make_film(store: FolderStore, *made: Caption, movie: Movie | None = None) -> Package:
    """Make a package as its job leaves it, with these captions and a text of the film's own."""
    movie = movie or make_movie(slug="meridian")
    texts = [caption_text(caption, name=f"c{n}", duration_s=Fraction(9)) for n, caption in enumerate(made, 1)]
    index = PackageIndex(
        is_whole=True, target_duration_s=4, video=(VIDEO,), texts=(*(track for track, _ in texts), OWN)
    )
    package = make_package(make_source(movie=movie), index=index_to_json(index))
    for track, content in texts:
        store.write(f"{package.path}/{track.name}/1.vtt", content)
    for name, playlist in build_playlists(index).items():
        store.write(f"{package.path}/{name}", playlist.encode())
    return package


def names_of(package: Package) -> list[str]:
    package.refresh_from_db()
    return [text["name"] for text in package.index["texts"]]


def files_of(store: FolderStore, package: Package) -> dict[str, bytes]:
    return {name.removeprefix(f"{package.path}/"): store.read(name) for name in store.list(package.path)}


def test_what_has_not_changed_is_left_alone(store: FolderStore) -> None:
    movie = make_movie()
    package = make_film(store, make_caption(movie), make_caption(movie, language="th", label="ไทย"), movie=movie)
    before = files_of(store, package)
    assert follow_captions(movie_id=movie.pk, store=store) is False
    assert files_of(store, package) == before


def test_captions_that_come_later_are_offered(store: FolderStore) -> None:
    package = make_film(store)
    assert package.movie is not None
    caption = make_caption(package.movie, is_default=True)
    assert follow_captions(movie_id=package.movie.pk, store=store) is True
    (name, own), files = names_of(package), files_of(store, package)
    assert own == "t1"
    assert files[f"{name}/1.vtt"] == on_timeline(caption.webvtt)
    assert b"1.vtt" in files[f"{name}/index.m3u8"]
    master = files["master.m3u8"].decode()
    (line,) = (line for line in master.splitlines() if f'URI="{name}/index.m3u8"' in line)
    assert 'NAME="English"' in line
    assert "DEFAULT=YES" in line
    assert name.encode() in files["manifest.mpd"]
    index = parse_index(files["index.json"].decode())
    assert index_to_json(index) == package.index
    assert [text.name for text in index.texts] == [name, "t1"]
    assert follow_captions(movie_id=package.movie.pk, store=store) is False


def test_another_text_is_another_file(store: FolderStore) -> None:
    movie = make_movie()
    caption = make_caption(movie)
    package = make_film(store, caption, movie=movie)
    before = files_of(store, package)
    changed = SRT.replace(b"signal", b"beacon")
    captions.update_caption(caption_id=caption.pk, changes={"content": changed}, by=None, at=AT)
    assert follow_captions(movie_id=movie.pk, store=store) is True
    name, after = names_of(package)[0], files_of(store, package)
    assert name != "c1"
    assert b"beacon" in after[f"{name}/1.vtt"]
    # Whoever watches goes on with what they have.
    assert after["c1/1.vtt"] == before["c1/1.vtt"]
    assert after["c1/index.m3u8"] == before["c1/index.m3u8"]
    assert "c1/index.m3u8" not in after["master.m3u8"].decode()
    captions.update_caption(caption_id=caption.pk, changes={"content": SRT}, by=None, at=AT)
    follow_captions(movie_id=movie.pk, store=store)
    again = files_of(store, package)
    assert again[f"{name}/1.vtt"] == after[f"{name}/1.vtt"]
    assert b"signal" in again[f"{names_of(package)[0]}/1.vtt"]


def test_another_name_needs_no_other_file(store: FolderStore) -> None:
    movie = make_movie()
    caption = make_caption(movie)
    package = make_film(store, caption, movie=movie)
    captions.update_caption(caption_id=caption.pk, changes={"label": "British"}, by=None, at=AT)
    assert follow_captions(movie_id=movie.pk, store=store) is True
    assert names_of(package) == ["c1", "t1"]
    assert 'NAME="British"' in files_of(store, package)["master.m3u8"].decode()


def test_captions_that_are_removed_are_not_offered(store: FolderStore) -> None:
    movie = make_movie()
    caption = make_caption(movie)
    package = make_film(store, caption, movie=movie)
    captions.remove_caption(caption_id=caption.pk, by=None, at=AT)
    assert follow_captions(movie_id=movie.pk, store=store) is True
    assert names_of(package) == ["t1"]
    assert "c1/" not in files_of(store, package)["master.m3u8"].decode()


def test_two_captions_of_the_same_words_are_two_texts(store: FolderStore) -> None:
    package = make_film(store)
    assert package.movie is not None
    for kind in Caption.Kind:
        make_caption(package.movie, kind=kind)
    assert follow_captions(movie_id=package.movie.pk, store=store) is True
    assert len(set(names_of(package))) == 4


@pytest.mark.parametrize("state", ["GROWING", "RETIRED", "DELETED"])
def test_a_package_that_is_no_whole_one_is_left_alone(store: FolderStore, state: str) -> None:
    package = make_film(store)
    assert package.movie is not None
    Package.objects.filter(pk=package.pk).update(state=state, retired_at=AT)
    make_caption(package.movie)
    before = files_of(store, package)
    assert follow_captions(movie_id=package.movie.pk, store=store) is False
    assert files_of(store, package) == before


def test_a_movie_without_a_film_has_nothing_to_follow(store: FolderStore) -> None:
    assert follow_captions(movie_id=make_caption(make_movie()).movie_id, store=store) is False
    assert follow_captions(movie_id=10**9, store=store) is False


def test_only_one_worker_at_a_time_brings_captions_in(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_captions, "_PATIENCE_S", 0.05)
    package = make_film(store)
    assert package.movie is not None
    make_caption(package.movie)
    other = get_redis_connection("default").lock(f"nova:package-captions:{package.movie.pk}", timeout=60)
    assert other.acquire()
    with pytest.raises(CaptionsAreOnTheirWay):
        follow_captions(movie_id=package.movie.pk, store=store)
    other.release()
    assert follow_captions(movie_id=package.movie.pk, store=store) is True


def queued() -> int:
    messages = get_redis_connection("default").lrange("nova:celery:default", 0, -1)
    return sum(b"streaming.follow_captions" in message for message in messages)


def test_every_change_of_captions_wakes_a_worker(django_capture_on_commit_callbacks: Capture) -> None:
    movie = make_movie()
    with django_capture_on_commit_callbacks(execute=True):
        plan = captions.CaptionPlan(language="en", content=SRT)
        caption = captions.add_caption(movie_id=movie.pk, plan=plan, by=None, at=AT)
        assert queued() == 0
    assert queued() == 1
    with django_capture_on_commit_callbacks(execute=True):
        captions.update_caption(caption_id=caption.pk, changes={"label": "British"}, by=None, at=AT)
        captions.update_caption(caption_id=caption.pk, changes={"label": "British"}, by=None, at=AT)
    assert queued() == 2
    with django_capture_on_commit_callbacks(execute=True):
        captions.remove_caption(caption_id=caption.pk, by=None, at=AT)
    assert queued() == 3


def test_a_film_that_comes_to_another_movie_gets_the_captions_of_that_one(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    package = make_package(make_source(movie=make_movie()))
    package.source.movie = make_movie(slug="another")
    package.source.save()
    with django_capture_on_commit_callbacks(execute=True):
        packages.move_to_movie(source=package.source, at=AT)
    assert queued() == 1


LATER = AT + timedelta(hours=1)
Change = Callable[[Caption], object]
CHANGES: dict[str, Change] = {
    "added": lambda caption: captions.add_caption(
        movie_id=caption.movie_id, plan=captions.CaptionPlan(language="th", content=SRT), by=None, at=LATER
    ),
    "corrected": lambda caption: captions.update_caption(
        caption_id=caption.pk, changes={"content": SRT.replace(b"signal", b"beacon")}, by=None, at=LATER
    ),
    "renamed": lambda caption: captions.update_caption(
        caption_id=caption.pk, changes={"label": "British"}, by=None, at=LATER
    ),
    "made the default": lambda caption: captions.update_caption(
        caption_id=caption.pk, changes={"is_default": True}, by=None, at=LATER
    ),
    "removed": lambda caption: captions.remove_caption(caption_id=caption.pk, by=None, at=LATER),
}


def make_old_film(store: FolderStore) -> Caption:
    """Make a film with captions that are as old as its package, and another one beside it."""
    make_film(store, movie=make_movie())
    movie = make_movie(updated_at=AT)
    caption = make_caption(movie, updated_at=AT)
    package = make_film(store, caption, movie=movie)
    Package.objects.filter(pk=package.pk).update(created_at=AT + timedelta(minutes=5), ready_at=LATER)
    return caption


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_which_no_worker_was_told_is_found(store: FolderStore, change: str) -> None:
    caption = make_old_film(store)
    assert list_behind(at=LATER) == []
    CHANGES[change](caption)
    assert list_behind(at=LATER) == [caption.movie_id]
    assert follow_captions(movie_id=caption.movie_id, store=store) is True
    # A text that its job has put there may have other words, which only its file could tell.
    assert list_behind(at=LATER) == ([caption.movie_id] if change in {"renamed", "made the default"} else [])
    assert follow_captions(movie_id=caption.movie_id, store=store) is False


def test_what_was_touched_long_ago_is_not_looked_at_again(store: FolderStore) -> None:
    caption = make_old_film(store)
    CHANGES["corrected"](caption)
    assert list_behind(at=LATER + timedelta(days=6)) == [caption.movie_id]
    assert list_behind(at=LATER + timedelta(days=8)) == []


def test_captions_that_changed_while_the_film_was_made_are_compared_by_a_worker(store: FolderStore) -> None:
    movie = make_movie(updated_at=AT)
    caption = make_caption(movie, updated_at=AT)
    package = make_film(store, caption, movie=movie)
    Package.objects.filter(pk=package.pk).update(created_at=AT, ready_at=LATER)
    assert list_behind(at=LATER) == [movie.pk]
    assert follow_captions(movie_id=movie.pk, store=store) is False


def test_a_film_that_is_still_made_is_left_to_its_job(store: FolderStore) -> None:
    caption = make_old_film(store)
    Package.objects.filter(movie=caption.movie_id).update(state="GROWING")
    CHANGES["corrected"](caption)
    assert list_behind(at=LATER) == []


def test_it_costs_no_more_queries_however_many_films_there_are(
    store: FolderStore, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    for _ in range(5):
        CHANGES["corrected"](make_old_film(store))
    with django_assert_num_queries(3):
        assert len(list_behind(at=LATER)) == 5


def test_beat_lets_workers_follow_what_was_missed(store: FolderStore) -> None:
    movie = make_movie()
    make_film(store, movie=movie)
    Package.objects.update(ready_at=clock.now())
    make_caption(movie)
    follow_missed_captions()
    assert queued() == 1
