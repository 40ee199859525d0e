"""Tags for API clients: made by being used, renamed and merged here."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import access
from catalog.api.conditions import IF_MATCH, expected_name, revision_of_name, signed_in
from catalog.api.lists import CatalogueList
from catalog.api.movies import THROTTLES
from catalog.api.parameters import PREVIEW, PREVIEW_NAMES, PREVIEW_PROBLEMS
from catalog.api.serializers import ShelfSerializer, SlugField
from catalog.errors import NameTaken, ShelfChangedMeanwhile
from catalog.models import Tag
from catalog.services import tags
from catalog.viewpoints import Viewpoint, viewpoint_of
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.schema import problems
from portal.api.serializers import StrictSerializer
from portal.texts import check_line


class TagSerializer(ShelfSerializer):
    movie_count = serializers.IntegerField(
        help_text="Movies that have it: for those who run the catalogue all, for viewers those that they find."
    )


class TagRenameSerializer(StrictSerializer):
    name = serializers.CharField(max_length=40, validators=[check_line])


class TagMergerSerializer(StrictSerializer):
    into = SlugField(max_length=60, help_text="Slug of the tag that stays.")


class TagListView(CatalogueList[Tag]):
    """The tags, the most used first. A movie that is given a new name makes a new tag."""

    serializer_class = TagSerializer
    page_ordering = ("-movie_count", "id")
    other_parameters = PREVIEW_NAMES

    def get_queryset(self) -> QuerySet[Tag]:
        return access.tags_visible_to(self.request.user, viewpoint=self.viewpoint)

    @extend_schema(
        operation_id="tags_list",
        tags=["tags"],
        parameters=[*PREVIEW, IF_NONE_MATCH],
        responses={200: TagSerializer(many=True), **NOT_MODIFIED, **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request)


class TagView(APIView):
    """One tag."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    throttle_scopes = THROTTLES

    @extend_schema(
        operation_id="tags_retrieve",
        tags=["tags"],
        parameters=[*PREVIEW, IF_NONE_MATCH],
        responses={200: TagSerializer, **NOT_MODIFIED, **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request, slug: str) -> Response:
        refuse_unknown(request, *PREVIEW_NAMES)
        return _answer(request, slug, viewpoint_of(request))

    @extend_schema(
        operation_id="tags_partial_update",
        tags=["tags"],
        parameters=[IF_MATCH],
        request=TagRenameSerializer,
        responses={200: TagSerializer, **problems(NameTaken, ShelfChangedMeanwhile)},
        examples=[OpenApiExample("Another name", value={"name": "one location"}, request_only=True)],
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Rename a tag; its address stays. To a name that another has already it is merged instead, by `merge/`."""
        tag = _for_editing(request, slug)
        serializer = TagRenameSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        tags.rename_tag(
            tag_id=tag.pk,
            name=serializer.validated_data["name"],
            by=signed_in(request),
            at=clock.now(),
            expected_name=expected_name(request, of=tag),
        )
        return _answer(request, slug, viewpoint_of(request))


class TagMergerView(APIView):
    """Two tags for one thing."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    throttle_scope = "catalogue-update"

    @extend_schema(
        operation_id="tags_merge",
        tags=["tags"],
        request=TagMergerSerializer,
        responses={200: TagSerializer},
        examples=[OpenApiExample("Two spellings", value={"into": "one-location"}, request_only=True)],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Give the movies of this tag the other instead, and remove this one."""
        tag = _for_editing(request, slug)
        serializer = TagMergerSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        into = Tag.objects.exclude(pk=tag.pk).filter(slug=serializer.validated_data["into"]).first()
        if into is None:
            fault = serializers.ErrorDetail(_("There is no such other tag."), code="unknown_tag")
            raise serializers.ValidationError({"into": [fault]})
        tags.merge_tags(tag_id=tag.pk, into_id=into.pk, by=signed_in(request), at=clock.now())
        return _answer(request, into.slug, viewpoint_of(request))


def _for_editing(request: Request, slug: str) -> Tag:
    tag = access.get_tag_for_viewing(request.user, slug, viewpoint=viewpoint_of(request))
    access.require_permission(request.user, "catalog.change_tag")
    return tag


def _answer(request: Request, slug: str, viewpoint: Viewpoint) -> Response:
    tag = access.get_tag_for_viewing(request.user, slug, viewpoint=viewpoint)
    return tagged(request, TagSerializer(tag).data, revision=revision_of_name(tag))
