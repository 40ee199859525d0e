"""The player for other sites, and what it takes to find it."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from catalog.caching import keep_until_edge
from catalog.viewpoints import viewpoint_of
from portal.errors import MalformedRequest, NotFound
from streaming import oembed
from streaming.embed_page import embed_page, embedding_of


@require_safe
@cache_control(private=True, no_cache=True)
def show_embed(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the player of a film, and nothing else, to be put into the pages of other sites."""
    try:
        page = embed_page(request, slug, viewpoint_of(request))
    except NotFound:
        page = None
    if page and page.slug != slug:
        query = request.META.get("QUERY_STRING", "")
        path = reverse("streaming:embed", args=(page.slug,))
        return HttpResponsePermanentRedirect(f"{path}{f'?{query}' if query else ''}")
    response = render(request, "streaming/embed.html", {"page": page}, status=200 if page else 404)
    # Who may frame it stands in the content policy, which has room for more than one name.
    response.xframe_options_exempt = True
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def describe_embed(request: HttpRequest) -> HttpResponse:
    """Answer what an address of the portal looks like in the pages of other sites (oEmbed 1.0)."""
    wanted = request.GET.get("format", "json")
    if wanted not in oembed.FORMATS:
        # Both are the standard's words.
        return HttpResponse("Not Implemented", status=501, content_type="text/plain")
    viewpoint = viewpoint_of(request)
    try:
        embedding = embedding_of(oembed.slug_in(request.GET.get("url", "")), viewpoint)
    except NotFound:
        return HttpResponse("Not Found", status=404, content_type="text/plain")
    told = replace(embedding, max_width=_room(request, "maxwidth"), max_height=_room(request, "maxheight")).as_mapping()
    if wanted == "xml":
        response = HttpResponse(oembed.as_xml(told), content_type="text/xml; charset=utf-8")
    else:
        response = JsonResponse(told)
    return keep_until_edge(response, viewpoint)


def _room(request: HttpRequest, name: str) -> int:
    """Return what a site says that it has room for, in pixels. Raises MalformedRequest."""
    text = request.GET.get(name) or str(oembed.LARGEST)
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or not int(text):
        raise MalformedRequest()
    return min(int(text), oembed.LARGEST)
