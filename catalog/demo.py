"""Films of our own invention, so that a newcomer's first page is a catalogue and not an empty shelf."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.text import slugify

from catalog.models import Credit, Genre, Movie, Person
from catalog.services import availability, credits, genres, movies, people, tags
from catalog.services.availability import WindowPlan
from catalog.services.credits import CreditPlan
from portal import clock
from portal.welcome import WelcomeLine

Role = Credit.Role


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMovie:
    """`people` are (role, name, whom they play). `opens_in` and `closes_in` are days from the first start.

    `minutes` is None for those that get a film, which tells how long it is.
    """

    title: str
    year: int
    minutes: int | None
    genres: tuple[str, ...]
    tagline: str
    synopsis: str
    original_title: str = ""
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    minimum_age: int | None = None
    tags: tuple[str, ...] = ()
    people: tuple[tuple[Role, str, str], ...] = ()
    opens_in: int | None = None
    closes_in: int | None = None
    is_draft: bool = False

    @property
    def has_window(self) -> bool:
        return self.opens_in is not None or self.closes_in is not None


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
        countries=("ES", "PT"),
        languages=("gl", "es"),
        minimum_age=6,
        tags=("by the sea", "small town", "music"),
        people=(
            (Role.DIRECTOR, "Uxía Carballo", ""),
            (Role.WRITER, "Uxía Carballo", ""),
            (Role.CAST, "Marisol Teixeira", "Inés"),
            (Role.CAST, "Breixo Lamas", "the auctioneer"),
            (Role.COMPOSER, "Henrike Oster", ""),
        ),
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
        countries=("GB",),
        languages=("en",),
        minimum_age=7,
        tags=("space", "astronauts", "workplace"),
        people=(
            (Role.DIRECTOR, "Dilip Arkwright", ""),
            (Role.WRITER, "Nell Osgood", ""),
            (Role.CAST, "Tobias Fenn", "Oswin Pell"),
            (Role.CAST, "Ama Quaye", "Commander Idris"),
            (Role.CINEMATOGRAPHER, "Jun Watari", ""),
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
        countries=("TH",),
        languages=("th",),
        minimum_age=13,
        tags=("by the sea", "one location", "one night"),
        people=(
            (Role.DIRECTOR, "Anong Rattanakul", ""),
            (Role.WRITER, "Anong Rattanakul", ""),
            (Role.CAST, "Pimchanok Saelim", "Malee"),
            (Role.CAST, "Somsak Thepwong", "the captain"),
            (Role.CINEMATOGRAPHER, "Jun Watari", ""),
        ),
        closes_in=10,
    ),
    DemoMovie(
        title="A Short History of Rain",
        year=2016,
        minutes=None,
        genres=("Documentary",),
        tagline="Everything you never asked about the weather.",
        synopsis=(
            "Three years, eleven countries, one umbrella. A film about the people who wait for rain, sell it, pray "
            "for it, measure it and write it down: from a monk who has kept a gauge since 1971 to a cloud-seeding "
            "pilot who is afraid of thunder."
        ),
        countries=("IS", "IN"),
        languages=("en", "is", "hi"),
        minimum_age=0,
        tags=("nature", "weather"),
        people=(
            (Role.DIRECTOR, "Sigrún Hallsdóttir", ""),
            (Role.NARRATOR, "Ama Quaye", ""),
            (Role.COMPOSER, "Henrike Oster", ""),
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
        countries=("CZ", "DE"),
        languages=("cs",),
        minimum_age=6,
        tags=("fairy tale", "time"),
        people=(
            (Role.DIRECTOR, "Vojtěch Marek", ""),
            (Role.CAST, "Kryštof Beneš", "Tomas"),
            (Role.CAST, "Marisol Teixeira", "the widow of Vell"),
            (Role.PRODUCTION_DESIGNER, "Ludmila Sýkorová", ""),
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
        countries=("DE",),
        languages=("de",),
        minimum_age=12,
        tags=("one location", "workplace"),
        people=(
            (Role.DIRECTOR, "Jasper Lindqvist", ""),
            (Role.CAST, "Ilka Brandt", "Frau Doktor Ehlers"),
            (Role.CAST, "Tobias Fenn", "the temp"),
            (Role.EDITOR, "Rosalie Kern", ""),
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
        countries=("IE",),
        languages=("en", "ga"),
        minimum_age=15,
        tags=("by the sea", "one location", "archive"),
        people=(
            (Role.DIRECTOR, "Fionn Mac Giolla", ""),
            (Role.CAST, "Orla Dempsey", "the archivist"),
            (Role.CAST, "Breixo Lamas", "the second keeper"),
            (Role.COMPOSER, "Henrike Oster", ""),
        ),
    ),
    DemoMovie(
        title="Paper Tigers of Yaowarat",
        year=2024,
        minutes=None,
        genres=("Adventure", "Comedy"),
        tagline="Grandmother's kite is faster than your drone.",
        synopsis=(
            "When a delivery company fills the sky over Bangkok's Chinatown with drones, eleven-year-old Ploy and her "
            "grandmother answer with bamboo, glue and three generations of unfair tricks. A chase film on foot, by "
            "tuk-tuk, and a good deal of the time by string."
        ),
        original_title="เสือกระดาษ",
        countries=("TH",),
        languages=("th", "zh"),
        minimum_age=0,
        tags=("big city", "grandmothers"),
        people=(
            (Role.DIRECTOR, "Anong Rattanakul", ""),
            (Role.CAST, "Ploypailin Chaiyo", "Ploy"),
            (Role.CAST, "Lamduan Saetang", "Grandmother"),
            (Role.CAST, "Somsak Thepwong", "the dispatcher"),
        ),
    ),
    DemoMovie(
        title="The Orchard Keeps Its Own Time",
        year=2026,
        minutes=116,
        genres=("Drama", "Fantasy"),
        tagline="Every tree remembers a different summer.",
        synopsis=(
            "After a frost that came in July, an orchard in the hills above Nan begins to bear its fruit out of order: "
            "some trees are a year ahead, one is forty behind. Two sisters who have not spoken since their mother's "
            "funeral have until the harvest to decide which of the years they want back."
        ),
        original_title="สวนที่มีเวลาของตัวเอง",
        countries=("TH", "JP"),
        languages=("th",),
        minimum_age=7,
        tags=("nature", "time", "small town"),
        people=(
            (Role.DIRECTOR, "Anong Rattanakul", ""),
            (Role.WRITER, "Nell Osgood", ""),
            (Role.CAST, "Pimchanok Saelim", "the elder sister"),
            (Role.CAST, "Ploypailin Chaiyo", "the younger sister"),
        ),
        opens_in=21,
    ),
    DemoMovie(
        title="Meridian",
        year=2025,
        minutes=None,
        genres=("Science fiction", "Thriller"),
        tagline="The signal left before we did.",
        synopsis=(
            "The deep-space relay Meridian hears a distress call in the voice of its own operator, sent from a ship "
            "that will not be built for another nine years. Ada Renke has one shift to decide whether to answer it, "
            "and the call keeps getting clearer."
        ),
        countries=("NO", "CA"),
        languages=("en",),
        minimum_age=12,
        tags=("space", "time", "one location"),
        people=(
            (Role.DIRECTOR, "Sigrún Hallsdóttir", ""),
            (Role.WRITER, "Nell Osgood", ""),
            (Role.CAST, "Ama Quaye", "Ada Renke"),
            (Role.CAST, "Kryštof Beneš", "the voice"),
            (Role.CINEMATOGRAPHER, "Jun Watari", ""),
            (Role.COMPOSER, "Henrike Oster", ""),
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
            at = clock.now()
            shelf, known = _seed_genres(at), _seed_people(at)
            for film in DEMO_MOVIES:
                _seed_movie(film, shelf, known, at)
    return []


def _seed_genres(at: datetime) -> dict[str, Genre]:
    shelf = {genre.name: genre for genre in Genre.objects.all()}
    for name in sorted({name for film in DEMO_MOVIES for name in film.genres}):
        if name not in shelf:
            shelf[name] = genres.create_genre(name=name, by=None, at=at)
    return shelf


def _seed_people(at: datetime) -> dict[str, Person]:
    names = sorted({name for film in DEMO_MOVIES for _, name, _ in film.people})
    return {name: people.create_person(name=name, by=None, at=at) for name in names}


def _seed_movie(film: DemoMovie, shelf: dict[str, Genre], known: dict[str, Person], at: datetime) -> None:
    facts = movies.MovieChanges(
        original_title=film.original_title,
        slug=slugify(film.title),
        tagline=film.tagline,
        synopsis=film.synopsis,
        runtime_s=film.minutes and film.minutes * 60,
        countries=film.countries,
        languages=film.languages,
        minimum_age=film.minimum_age,
        is_announced=film.opens_in is not None,
        genres=[shelf[name] for name in film.genres],
        tags=tags.ensure_tags(names=film.tags, by=None, at=at),
    )
    movie = movies.create_movie(title=film.title, year=film.year, facts=facts, by=None, at=at)
    plans = [CreditPlan(person=known[name], role=role, character=character) for role, name, character in film.people]
    credits.replace_credits(movie_id=movie.pk, plans=plans, by=None, at=at)
    if film.has_window:
        availability.replace_windows(movie_id=movie.pk, plans=[_window(film, at)], by=None, at=at)
    if not film.is_draft:
        movies.publish_movie(movie_id=movie.pk, by=None, at=at)


def _window(film: DemoMovie, at: datetime) -> WindowPlan:
    """Open and close on the hour, as programmes do."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return WindowPlan(
        starts_at=hour + timedelta(days=film.opens_in or 0),
        ends_at=None if film.closes_in is None else hour + timedelta(days=film.closes_in),
    )
