"""Films of our own invention, so that a newcomer's first page is a catalogue and not an empty shelf."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify

from catalog.models import Genre, Movie
from catalog.services import genres, movies
from portal import clock
from portal.welcome import WelcomeLine


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMovie:
    title: str
    year: int
    minutes: int
    genres: tuple[str, ...]
    tagline: str
    synopsis: str
    original_title: str = ""
    is_draft: bool = False


# Oldest addition first: the last one that is no draft opens the home page.
DEMO_MOVIES = (
    DemoMovie(
        title="Salt on the Piano",
        year=2011,
        minutes=97,
        genres=("Drama", "Music"),
        tagline="She came to tune it. It had other plans.",
        synopsis=(
            "A grand piano washes up on a beach in Galicia, badly out of tune and otherwise unharmed. Inés, who has "
            "tuned instruments for forty years without ever playing for anybody, is asked to make it fit for an "
            "auction. Each string that she brings back reminds the village of a song it had agreed to forget."
        ),
        original_title="Sal no piano",
    ),
    DemoMovie(
        title="The Understudy of Mars",
        year=2019,
        minutes=112,
        genres=("Science fiction", "Comedy", "Adventure"),
        tagline="Six astronauts. Seven space suits.",
        synopsis=(
            "Oswin Pell has trained for eleven years to replace an astronaut who never so much as catches a cold. When "
            "he falls asleep in a supply pod on the eve of the launch, mission control must choose between calling off "
            "the journey and pretending that he was always part of the plan. The crew would like a word in this too."
        ),
    ),
    DemoMovie(
        title="Night Ferry to Koh Lanta",
        year=2023,
        minutes=104,
        genres=("Thriller", "Mystery"),
        tagline="Forty passengers board. Thirty-nine names are on the list.",
        synopsis=(
            "The last ferry of the season loses its engine halfway across, in flat water, under a sky full of stars. "
            "Ticket inspector Malee has until dawn to find out which of her passengers does not exist, and why the "
            "captain keeps his radio in a locked drawer."
        ),
        original_title="เรือเที่ยวสุดท้าย",
    ),
    DemoMovie(
        title="A Short History of Rain",
        year=2016,
        minutes=88,
        genres=("Documentary",),
        tagline="Everything you never asked about the weather.",
        synopsis=(
            "Three years, eleven countries, one umbrella. A film about the people who wait for rain, sell it, pray "
            "for it, measure it and write it down: from a monk who has kept a gauge since 1971 to a cloud-seeding "
            "pilot who is afraid of thunder."
        ),
    ),
    DemoMovie(
        title="The Clockmaker's Third Son",
        year=2008,
        minutes=126,
        genres=("Fantasy", "Adventure"),
        tagline="He was given a minute. He kept it.",
        synopsis=(
            "The eldest inherits the workshop, the second the house; Tomas gets a single minute, sealed in a glass "
            "bulb, to be spent once. Everybody in the city of Vell seems to know what he ought to do with it. He sets "
            "out to find the one person who has asked for nothing."
        ),
    ),
    DemoMovie(
        title="Overtime",
        year=2021,
        minutes=91,
        genres=("Comedy", "Drama"),
        tagline="The office closes at six. Nobody told the building.",
        synopsis=(
            "Four colleagues who have never spoken stay late on the same Friday, and the new security system locks "
            "them in until Monday. By Saturday noon they have a government. By Sunday they have a revolution, and "
            "a surprisingly good soup."
        ),
    ),
    DemoMovie(
        title="What the Lighthouse Saw",
        year=1999,
        minutes=118,
        genres=("Mystery", "Drama", "Thriller"),
        tagline="It turns. It never looks away.",
        synopsis=(
            "Two keepers sign the log on the same night in 1934, forty miles apart, in the same hand. Sixty-five "
            "years on, a young archivist sets out to prove that one of the pages is forged, and finds that both of "
            "them are true."
        ),
    ),
    DemoMovie(
        title="Paper Tigers of Yaowarat",
        year=2024,
        minutes=109,
        genres=("Adventure", "Comedy"),
        tagline="Grandmother's kite is faster than your drone.",
        synopsis=(
            "When a delivery company fills the sky over Bangkok's Chinatown with drones, eleven-year-old Ploy and her "
            "grandmother answer with bamboo, glue and three generations of unfair tricks. A chase film on foot, by "
            "tuk-tuk, and a good deal of the time by string."
        ),
        original_title="เสือกระดาษ",
    ),
    DemoMovie(
        title="Meridian",
        year=2025,
        minutes=134,
        genres=("Science fiction", "Thriller"),
        tagline="The signal left before we did.",
        synopsis=(
            "The deep-space relay Meridian hears a distress call in the voice of its own operator, sent from a ship "
            "that will not be built for another nine years. Ada Renke has one shift to decide whether to answer it, "
            "and the call keeps getting clearer."
        ),
    ),
    DemoMovie(
        title="The Garden at the End of Line 9",
        year=2026,
        minutes=101,
        genres=("Drama",),
        tagline="Last stop. Please take everything you planted with you.",
        synopsis="",
        is_draft=True,
    ),
)


def seed() -> list[WelcomeLine]:
    """Fill an empty catalogue; one that holds any movie is left alone."""
    with transaction.atomic():
        if not Movie.objects.exists():
            shelf = _seed_genres()
            for film in DEMO_MOVIES:
                _seed_movie(film, shelf)
    return []


def _seed_genres() -> dict[str, Genre]:
    shelf = {genre.name: genre for genre in Genre.objects.all()}
    for name in sorted({name for film in DEMO_MOVIES for name in film.genres}):
        if name not in shelf:
            shelf[name] = genres.create_genre(name=name, by=None, at=clock.now())
    return shelf


def _seed_movie(film: DemoMovie, shelf: dict[str, Genre]) -> None:
    facts = movies.MovieChanges(
        original_title=film.original_title,
        slug=slugify(film.title),
        tagline=film.tagline,
        synopsis=film.synopsis,
        runtime_s=film.minutes * 60,
        genres=[shelf[name] for name in film.genres],
    )
    movie = movies.create_movie(title=film.title, year=film.year, facts=facts, by=None, at=clock.now())
    if not film.is_draft:
        movies.publish_movie(movie_id=movie.pk, by=None, at=clock.now())
