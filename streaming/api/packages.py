"""Packages, for those who run the portal. Where their files are stays a secret: players are given tokens."""

from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from streaming import access
from streaming.api.lists import LONGEST_SLUG, DeskList
from streaming.media.errors import IndexViolation
from streaming.media.index_json import index_from_json
from streaming.media.package_index import AudioTrack, PackageIndex, TextTrack, VideoTrack
from streaming.models import Package

TRACK_KINDS = ("video", "audio", "text", "images")


class TrackSerializer(serializers.Serializer[Any]):
    """What a package holds of one kind and quality; a member that its kind has not is null."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=TRACK_KINDS)
    size_bytes = serializers.IntegerField()
    codec = serializers.CharField(allow_null=True, help_text="As in CODECS (RFC 6381).")
    bitrate_bps = serializers.IntegerField(allow_null=True, help_text="On average.")
    width_px = serializers.IntegerField(allow_null=True)
    height_px = serializers.IntegerField(allow_null=True)
    frame_rate = serializers.FloatField(allow_null=True)
    channels = serializers.IntegerField(allow_null=True)
    language = serializers.CharField(allow_null=True, help_text="A tag of BCP 47; null: not known.")
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # a field of this name is no attribute


class PackageSerializer(serializers.Serializer[Package]):
    """What players are given of a source, and since when."""

    id = serializers.UUIDField()
    source = serializers.UUIDField(source="source_id")  # type: ignore[assignment]  # a field of this name is no attribute
    file_name = serializers.CharField(source="source.file_name")
    movie = serializers.CharField(
        source="movie.slug", allow_null=True, help_text="Slug; null: its source belongs to no movie yet."
    )
    job = serializers.UUIDField(source="job_id", allow_null=True, help_text="null: a later attempt made another one.")
    state = serializers.ChoiceField(choices=Package.State.choices)
    duration_s = serializers.FloatField(allow_null=True, help_text="In seconds, as far as it has grown.")
    size_bytes = serializers.IntegerField(help_text="0 until it is whole.")
    created_at = serializers.DateTimeField()
    playable_at = serializers.DateTimeField(allow_null=True)
    ready_at = serializers.DateTimeField(allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True, help_text="Since when it is no longer used.")


class PackageDetailSerializer(PackageSerializer):
    tracks = serializers.SerializerMethodField(
        help_text="null: nothing can be played yet, or another version of the portal has made it."
    )

    @extend_schema_field(TrackSerializer(many=True, allow_null=True))
    def get_tracks(self, package: Package) -> list[dict[str, object]] | None:
        if not package.index:
            return None
        try:
            index = index_from_json(package.index)
        except IndexViolation:
            return None
        return [dict(TrackSerializer(track).data) for track in _tracks(index)]


class PackageFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    movie = django_filters.CharFilter(
        "movie__slugs__slug", max_length=LONGEST_SLUG, help_text="Slug of a movie, a former one too."
    )
    state = django_filters.MultipleChoiceFilter(
        choices=Package.State.choices, distinct=False, help_text="Several: in any of them."
    )

    class Meta:
        model = Package
        fields: ClassVar[list[str]] = []


class PackageListView(DeskList[Package]):
    """Packages, the newest first."""

    queryset: QuerySet[Package] = Package.objects.all()
    serializer_class = PackageSerializer
    filterset_class = PackageFilter
    page_ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[Package]:
        # The index names every segment of every track.
        return access.get_packages(self.request.user).defer("index")

    @extend_schema(
        operation_id="packages_list",
        tags=["packages"],
        parameters=[IF_NONE_MATCH],
        responses={200: PackageSerializer(many=True), **NOT_MODIFIED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request)


class PackageView(APIView):
    """One package."""

    @extend_schema(
        operation_id="packages_retrieve",
        tags=["packages"],
        parameters=[IF_NONE_MATCH],
        responses={200: PackageDetailSerializer, **NOT_MODIFIED},
    )
    def get(self, request: Request, package_id: UUID) -> Response:
        """Read about a package, with its tracks."""
        refuse_unknown(request)
        package = access.get_package_for_viewing(request.user, package_id)
        return tagged(request, PackageDetailSerializer(package).data)


def _tracks(index: PackageIndex) -> Iterator[dict[str, object]]:
    for media in index.media():
        yield _media(media)
    for text in index.texts:
        yield _track(text.name, "text", _text_size(text), language=text.language, label=text.label)
    for images in index.images:
        size = {"width_px": images.width_px, "height_px": images.height_px}
        yield _track(images.name, "images", images.size_bytes, **size)


def _media(track: VideoTrack | AudioTrack) -> dict[str, object]:
    seconds = track.duration_s
    facts: dict[str, object] = {
        "codec": track.codec,
        "bitrate_bps": round(8 * track.size_bytes / seconds) if seconds else None,
    }
    if isinstance(track, VideoTrack):
        facts |= {"width_px": track.width_px, "height_px": track.height_px, "frame_rate": float(track.frame_rate)}
        return _track(track.name, "video", track.size_bytes, **facts)
    facts |= {"channels": track.channels, "language": track.language, "label": track.label}
    return _track(track.name, "audio", track.size_bytes, **facts)


def _track(name: str, kind: str, size_bytes: int, **facts: object) -> dict[str, object]:
    """Return a track with every member; those that its kind has not are None."""
    return {**dict.fromkeys(TrackSerializer().fields), "name": name, "kind": kind, "size_bytes": size_bytes, **facts}


def _text_size(text: TextTrack) -> int:
    return sum(file.size for file in text.files)
