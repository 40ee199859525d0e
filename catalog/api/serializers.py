"""The catalogue's JSON: what goes out, and what may come in."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from catalog.models import Genre, Movie
from catalog.models.movie import FIRST_YEAR, LAST_YEAR, LONGEST_RUNTIME_S, LONGEST_SYNOPSIS
from catalog.slugs import SLUG_PATTERN
from portal.api.serializers import StrictSerializer

_MOST_GENRES = 30


class GenreSerializer(serializers.Serializer[Genre]):
    slug = serializers.CharField()
    name = serializers.CharField()


class MovieSerializer(serializers.Serializer[Movie]):
    slug = serializers.CharField()
    title = serializers.CharField()
    original_title = serializers.CharField(help_text="Empty if it has no other.")
    tagline = serializers.CharField()
    synopsis = serializers.CharField()
    year = serializers.IntegerField()
    runtime_s = serializers.IntegerField(allow_null=True, help_text="Seconds; null: not known yet.")
    genres = GenreSerializer(many=True)
    visibility = serializers.ChoiceField(choices=Movie.Visibility.choices)
    published_at = serializers.DateTimeField(
        allow_null=True, help_text="First publication; null: viewers never saw it."
    )
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text="Grows with each change; the ETag holds the same number.")
    url = serializers.CharField(source="get_absolute_url", help_text="Path of its page.")


class MovieWriteSerializer(StrictSerializer):
    """What an editor says of a movie; PATCH takes any part of it."""

    title = serializers.CharField(max_length=200)
    year = serializers.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR)
    slug = serializers.RegexField(
        SLUG_PATTERN,
        max_length=120,
        required=False,
        allow_blank=True,
        error_messages={"invalid": _("Use lower-case letters, digits and single hyphens.")},
        help_text="Absent or empty: made from the title. Earlier ones lead to it.",
    )
    original_title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    tagline = serializers.CharField(max_length=200, required=False, allow_blank=True)
    synopsis = serializers.CharField(max_length=LONGEST_SYNOPSIS, required=False, allow_blank=True)
    runtime_s = serializers.IntegerField(min_value=1, max_value=LONGEST_RUNTIME_S, required=False, allow_null=True)
    genres = serializers.ListField(
        child=serializers.SlugField(), max_length=_MOST_GENRES, required=False, help_text="Slugs; replaces all."
    )

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
