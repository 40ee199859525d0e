"""What the pages of the portal's own views show."""

from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.api.problems import ProblemDescription

Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """What happened, and the id under which it was logged ("" outside a request).

    Each status has its template with words of its own; `detail` and `advice` replace its general ones. `shelves` are
    what a page that is not there suggests.
    """

    status: int
    title: Text
    detail: Text = ""
    advice: Text = ""
    request_id: str = ""
    shelves: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemListPage:
    """Every problem type of the API."""

    problems: tuple[ProblemDescription, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage:
    """What one problem type means."""

    problem: ProblemDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleMovie:
    """A film that does not exist, for the gallery."""

    title: str
    year: int
    runtime_label: str
    genres: tuple[str, ...]
    tagline: str
    is_live: bool = False
    url: str = "#posters"
    poster: None = None
    backdrop: None = None

    @property
    def art_key(self) -> str:
        return self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePaging:
    """A page in the middle of a list."""

    previous_url: str = "#pages"
    next_url: str = "#pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryPage:
    """Every component in every state."""

    movies: tuple[SampleMovie, ...]
    form: forms.Form
    faulty_form: forms.Form
    paging: SamplePaging
    cover_keys: tuple[str, ...]


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("Title"), help_text=_("As it stands on the poster."))
    year = forms.IntegerField(label=_("Year"), min_value=1888)
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput, min_length=10)
    genre = forms.ChoiceField(label=_("Genre"), choices=[("drama", _("Drama")), ("thriller", _("Thriller"))])
    synopsis = forms.CharField(label=_("Synopsis"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    quality = forms.ChoiceField(
        label=_("Quality"),
        choices=[("auto", _("Automatic")), ("1080", "1080p"), ("720", "720p")],
        widget=forms.RadioSelect,
        initial="auto",
    )
    is_public = forms.BooleanField(label=_("Everybody may watch it"), help_text=_("You can change this later."))


_SAMPLES = (
    ("The Lighthouse at Low Tide", 2024, "1 h 52 min", ("Drama", "Mystery"), "The lamp was lit before he got there."),
    ("Night Ferry", 2023, "2 h 4 min", ("Thriller",), "Eleven passengers, one crossing, no harbour."),
    ("Ember", 2025, "1 h 38 min", ("Drama",), "What the fire left."),
    ("A Short History of Rain", 2022, "1 h 45 min", ("Documentary",), "It has been falling for four billion years."),
    ("Marta and the Cartographers", 2021, "2 h 11 min", ("Adventure",), "She drew the island first."),
    ("Kilometre 41", 2024, "1 h 29 min", ("Road movie",), "The road ends. The story does not."),
    ("Observatory", 2020, "1 h 57 min", ("Science fiction",), "Something is looking back."),
    ("The Understudy", 2023, "1 h 41 min", ("Comedy",), "Tonight, the part of everybody is played by Jo."),
)


def sample_movies() -> tuple[SampleMovie, ...]:
    return tuple(
        SampleMovie(title=title, year=year, runtime_label=runtime, genres=genres, tagline=tagline, is_live=index == 1)
        for index, (title, year, runtime, genres, tagline) in enumerate(_SAMPLES)
    )


def gallery_page() -> GalleryPage:
    """Build the gallery: one form as it comes, one filled in wrongly."""
    wrong = {"name": "", "year": "1066", "password": "short", "genre": "drama", "quality": "auto"}
    return GalleryPage(
        movies=sample_movies(),
        form=SampleForm(auto_id="sample_%s"),
        faulty_form=SampleForm(wrong, auto_id="faulty_%s"),
        paging=SamplePaging(),
        cover_keys=tuple(f"sample {number}" for number in range(24)),
    )
