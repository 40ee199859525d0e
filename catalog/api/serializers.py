"""The catalogue's JSON: what goes out, and what may come in."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer, inline_serializer
from rest_framework import serializers

from catalog.api.artwork import PictureSerializer
from catalog.api.fields import EachOnce, LanguageField, TerritoryField
from catalog.artwork.pictures import picture_of
from catalog.models import Artwork, Credit, Genre, Movie, Person, Tag
from catalog.models.movie import FIRST_YEAR, LAST_YEAR, LONGEST_RUNTIME_S, LONGEST_SYNOPSIS, MOST_CODES
from catalog.services.credits import read_credits
from catalog.slugs import SLUG_PATTERN
from catalog.viewpoints import Viewpoint
from portal.api.serializers import ShortList, StrictSerializer
from portal.texts import check_line, check_prose

_MOST_GENRES = 30
_MOST_TAGS = 50
_SLUG_FORM: dict[str, Any] = {"invalid": _("Use lower-case letters, digits and single hyphens.")}

# `from` is a word of Python's own, so these fields are named by a mapping.
AvailabilitySerializer = inline_serializer(
    "Availability",
    {
        "now": serializers.BooleanField(help_text="Viewers can see it."),
        "until": serializers.DateTimeField(allow_null=True, help_text="null: no end is planned, or it is closed."),
        "from": serializers.DateTimeField(
            allow_null=True, help_text="When they can next; null: they can now, or nothing is planned."
        ),
    },
)


class ShelfSerializer(serializers.Serializer[Any]):
    """A genre or a tag."""

    slug = serializers.CharField()
    name = serializers.CharField()


class SlugField(serializers.RegexField):
    """The last part of an address."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(SLUG_PATTERN, max_length=max_length, error_messages=_SLUG_FORM, **options)


class ArtworkSummarySerializer(serializers.Serializer[Artwork]):
    """A picture and what must stay in view of it: from 0, left and top, to 1."""

    focal_x = serializers.FloatField()
    focal_y = serializers.FloatField()
    blurhash = serializers.CharField()
    picture = serializers.SerializerMethodField()

    @extend_schema_field(PictureSerializer)
    def get_picture(self, artwork: Artwork) -> Mapping[str, Any]:
        return PictureSerializer(picture_of(artwork)).data


class WindowSerializer(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True, help_text="First moment after it; null: it stays open.")
    time_zone = serializers.CharField(help_text="In which its editor thinks.")
    territories = serializers.ListField(child=serializers.CharField(), help_text="None: everywhere.")


class PersonNameSerializer(serializers.Serializer[Person]):
    slug = serializers.CharField()
    name = serializers.CharField()


class CreditSerializer(serializers.Serializer[Any]):
    person = PersonNameSerializer()
    role = serializers.ChoiceField(choices=Credit.Role.choices)
    character = serializers.CharField(help_text="Whom somebody of the cast plays; otherwise empty.")
    billing = serializers.IntegerField(help_text="Place among those of the role, from 1.")


class MovieSerializer(serializers.Serializer[Any]):
    """A movie, as it stands for whoever asks: then, and there."""

    slug = serializers.CharField()
    title = serializers.CharField()
    original_title = serializers.CharField(help_text="Empty if it has no other.")
    tagline = serializers.CharField()
    synopsis = serializers.CharField()
    year = serializers.IntegerField()
    runtime_s = serializers.IntegerField(allow_null=True, help_text="Seconds; null: not known yet.")
    countries = serializers.ListField(child=serializers.CharField(), help_text="ISO 3166-1 alpha-2.")
    languages = serializers.ListField(child=serializers.CharField(), help_text="BCP 47.")
    minimum_age = serializers.IntegerField(allow_null=True, help_text="Years; null: not rated.")
    trailer_url = serializers.CharField(help_text="Empty if there is none.")
    genres = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    poster = serializers.SerializerMethodField(help_text="null: pages show a generated one.")
    backdrop = serializers.SerializerMethodField(help_text="null: pages show a generated one.")
    availability = serializers.SerializerMethodField()
    is_announced = serializers.BooleanField(help_text="Viewers are told of it before its window opens.")
    visibility = serializers.ChoiceField(choices=Movie.Visibility.choices)
    published_at = serializers.DateTimeField(
        allow_null=True, help_text="First publication; null: viewers never saw it."
    )
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text="Grows with each change; the ETag begins with the same number.")
    url = serializers.CharField(source="get_absolute_url", help_text="Path of its page.")

    @extend_schema_field(ShelfSerializer(many=True))
    def get_genres(self, movie: Movie) -> list[dict[str, str]]:
        return _by_name(movie.genres.all())

    @extend_schema_field(ShelfSerializer(many=True))
    def get_tags(self, movie: Movie) -> list[dict[str, str]]:
        return _by_name(movie.tags.all())

    @extend_schema_field(ArtworkSummarySerializer(allow_null=True))
    def get_poster(self, movie: Movie) -> Mapping[str, Any] | None:
        return _artwork(movie, Artwork.Kind.POSTER)

    @extend_schema_field(ArtworkSummarySerializer(allow_null=True))
    def get_backdrop(self, movie: Movie) -> Mapping[str, Any] | None:
        return _artwork(movie, Artwork.Kind.BACKDROP)

    @extend_schema_field(AvailabilitySerializer)
    def get_availability(self, movie: Movie) -> Mapping[str, Any]:
        return describe_availability(movie, self.context["viewpoint"])


class MovieDetailSerializer(MovieSerializer):
    """The same with what is long; `windows` are for those who run the catalogue."""

    credits = serializers.SerializerMethodField()
    windows = serializers.SerializerMethodField(help_text="null to viewers.")

    @extend_schema_field(CreditSerializer(many=True))
    def get_credits(self, movie: Movie) -> list[dict[str, Any]]:
        return list(CreditSerializer(read_credits(movie), many=True).data)

    @extend_schema_field(WindowSerializer(many=True, allow_null=True))
    def get_windows(self, movie: Movie) -> list[dict[str, Any]] | None:
        return describe_windows(movie) if self.context["sees_windows"] else None


class MovieWriteSerializer(StrictSerializer):
    """What an editor says of a movie; PATCH takes any part of it."""

    title = serializers.CharField(max_length=200, validators=[check_line])
    year = serializers.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR)
    slug = SlugField(
        max_length=120,
        required=False,
        allow_blank=True,
        help_text="Absent or empty: made from the title. Earlier ones lead to it.",
    )
    original_title = serializers.CharField(max_length=200, required=False, allow_blank=True, validators=[check_line])
    tagline = serializers.CharField(max_length=200, required=False, allow_blank=True, validators=[check_line])
    synopsis = serializers.CharField(
        max_length=LONGEST_SYNOPSIS, required=False, allow_blank=True, validators=[check_prose]
    )
    runtime_s = serializers.IntegerField(min_value=1, max_value=LONGEST_RUNTIME_S, required=False, allow_null=True)
    countries = EachOnce(child=TerritoryField(), max_length=MOST_CODES, required=False, help_text="ISO 3166-1 alpha-2.")
    languages = EachOnce(child=LanguageField(), max_length=MOST_CODES, required=False, help_text="BCP 47.")
    minimum_age = serializers.ChoiceField(
        choices=Movie.MinimumAge.choices, required=False, allow_null=True, help_text="null: not rated."
    )
    trailer_url = serializers.URLField(max_length=500, required=False, allow_blank=True, help_text="An https address.")
    is_announced = serializers.BooleanField(required=False)
    genres = ShortList(
        child=serializers.SlugField(), max_length=_MOST_GENRES, required=False, help_text="Slugs; replaces all."
    )
    tags = ShortList(
        child=serializers.CharField(max_length=40, validators=[check_line]),
        max_length=_MOST_TAGS,
        required=False,
        help_text="Names; replaces all. A new name makes a new tag.",
    )

    def validate_trailer_url(self, url: str) -> str:
        if url and not url.startswith("https://"):
            raise serializers.ValidationError(_("Use an address that begins with https://."), code="no_https")
        return url

    def validate_genres(self, slugs: list[str]) -> list[Genre]:
        """Turn slugs into genres with one query, and name each that is none by its place."""
        found = {genre.slug: genre for genre in Genre.objects.filter(slug__in=slugs)}
        unknown: dict[Any, list[serializers.ErrorDetail]] = {
            index: [serializers.ErrorDetail(str(_("There is no such genre.")), code="unknown_genre")]
            for index, slug in enumerate(slugs)
            if slug not in found
        }
        if unknown:
            raise serializers.ValidationError(unknown)
        return list(found.values())


@extend_schema_serializer(component_name="MovieVisibility")
class VisibilitySerializer(StrictSerializer):
    """Who may see the movie."""

    visibility = serializers.ChoiceField(choices=Movie.Visibility.choices)


def describe_availability(movie: Movie, viewpoint: Viewpoint) -> dict[str, Any]:
    """Tell what a viewer at `viewpoint` has of the movie, and nothing of its windows elsewhere."""
    found = movie.availability_at(viewpoint)
    is_out = movie.is_watchable and movie.published_at is not None and movie.published_at <= viewpoint.at
    moments = (
        {"until": found.closes_at, "from": found.opens_at} if movie.is_watchable else {"until": None, "from": None}
    )
    return dict(AvailabilitySerializer.to_representation({"now": is_out and found.is_open, **moments}))


def describe_windows(movie: Movie) -> list[dict[str, Any]]:
    ordered = sorted(movie.windows.all(), key=lambda window: (window.starts_at, window.territories))
    return list(WindowSerializer(ordered, many=True).data)


def _by_name(shelves: Iterable[Genre] | Iterable[Tag]) -> list[dict[str, str]]:
    # In one order each time, as the ETag is made of the answer.
    return sorted(({"slug": shelf.slug, "name": shelf.name} for shelf in shelves), key=lambda s: s["name"].casefold())


def _artwork(movie: Movie, kind: str) -> Mapping[str, Any] | None:
    found = next((artwork for artwork in movie.artwork.all() if artwork.kind == kind), None)
    return ArtworkSummarySerializer(found).data if found else None
