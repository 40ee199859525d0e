"""Pages of the portal itself: preferences, covers, the component gallery, and what each API problem means."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from portal import cover_art, errors
from portal.api.problems import describe_problem, list_problems
from portal.pages import ProblemListPage, ProblemPage, gallery_page
from portal.pictures import edition as current_edition
from portal.preferences import PreferencesForm, remember, safe_next

# Not longer than a deployment takes: a process of the version before names drawings that this one does not have.
_BRIEFLY = "public, max-age=60"
KEPT_FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
@gzip_page
def show_cover(request: HttpRequest, shape: cover_art.Shape, seed: str, edition: str) -> HttpResponse:
    """Draw a cover. Only the address of the drawing code that runs here is kept for ever."""
    response = HttpResponse(cover_art.draw_cover(int(seed, 16), shape), content_type="image/svg+xml")
    response.headers["Cache-Control"] = KEPT_FOR_EVER if edition == current_edition() else _BRIEFLY
    return response


@require_POST
def change_preferences(request: HttpRequest) -> HttpResponse:
    """Remember what was chosen in cookies and go back to where the visitor was."""
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        raise errors.MalformedRequest
    response = HttpResponseRedirect(safe_next(request, form.cleaned_data["next"]))
    remember(response, **{name: form.cleaned_data[name] for name in ("theme", "language", "audience")})
    return response


@require_safe
def show_gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in every state to operators; to others there is no such page."""
    if not request.user.has_perm("portal.view_gallery"):
        raise errors.NotFound
    return render(request, "portal/gallery.html", {"page": gallery_page()})


@require_safe
def list_problem_types(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/problems.html", {"page": ProblemListPage(problems=list_problems())})


@require_safe
def show_problem_type(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "portal/problem.html", {"page": ProblemPage(problem=describe_problem(code))})
