"""How a visitor is counted: a page, and a button that makes what was watched nobody's."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from analytics.privacy.forgetting import forget_viewer
from analytics.privacy.pages import counting_page
from portal import clock
from portal.models import User


@require_safe
@never_cache
def show_counting(request: HttpRequest) -> HttpResponse:
    return render(request, "analytics/counting.html", {"page": counting_page(request)})


@require_POST
@login_required
def forget_me(request: HttpRequest) -> HttpResponseRedirect:
    assert isinstance(request.user, User), "login_required lets nobody else in"
    forget_viewer(user=request.user, by=request.user, at=clock.now())
    messages.success(request, gettext("What you have watched is not linked to you any more."))
    return redirect("audience:counting")
