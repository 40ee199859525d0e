"""The pages of live channels."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from catalog.artwork.delivery import answer_file, etag_of
from catalog.pages import preview_of
from catalog.viewpoints import viewpoint_of
from streaming import access
from streaming.live_pages import channel_page, earlier_broadcasts, live_page
from streaming.models.channel_picture import channel_picture_key

# What is on air changes while it is read, and a page may hold a session of its own.
_own_page = cache_control(private=True, no_cache=True)


@require_safe
@_own_page
def show_live(request: HttpRequest) -> HttpResponse:
    viewpoint = viewpoint_of(request)
    context = {"page": live_page(viewpoint), "preview": preview_of(viewpoint, request.path)}
    return render(request, "live/live.html", context)


@require_safe
@_own_page
def show_channel(request: HttpRequest, slug: str) -> HttpResponse:
    viewpoint = viewpoint_of(request)
    channel = access.get_channel_for_viewing(request.user, slug)
    context = {
        "page": channel_page(request, channel, viewpoint),
        "recordings": earlier_broadcasts(channel, viewpoint),
        "preview": preview_of(viewpoint, request.path),
    }
    return render(request, "live/channel.html", context)


@require_safe
@condition(etag_func=etag_of)
def show_channel_picture(request: HttpRequest, channel_id: str, edition: str, name: str) -> HttpResponse:
    """Answer with one file, as for pictures of films. Raises NotFound."""
    return answer_file(channel_picture_key(int(channel_id), edition, name))
