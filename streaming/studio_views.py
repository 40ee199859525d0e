"""The studio: broadcasters' pages."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog.artwork.faults import PictureRefused
from catalog.artwork.intake import LARGEST_FILE
from catalog.pages import preview_of
from catalog.viewpoints import viewpoint_of
from portal import clock
from portal.errors import NotFound
from portal.models import User
from portal.texts import check_line
from streaming import access
from streaming.errors import (
    StreamIsOver,
    StreamPlanExists,
    StreamPlanIsOver,
    StreamPlanOutOfReach,
    TooManyStreamPlans,
)
from streaming.models import Channel, StreamKey
from streaming.plan_forms import PlanForm
from streaming.services import live
from streaming.services.channel_pictures import remove_channel_picture, set_channel_picture
from streaming.services.rehearsals import arm_test, disarm_test
from streaming.services.stream_keys import IssuedKey, issue_stream_key, revoke_stream_key, rotate_stream_key
from streaming.services.stream_plans import announce_stream, call_off_stream, change_plan
from streaming.studio_pages import studio_channel_page, studio_page

_LONGEST_LABEL = StreamKey._meta.get_field("label").max_length or 0


@require_safe
@login_required
@never_cache
def show_studio(request: HttpRequest) -> HttpResponse:
    page = studio_page(access.get_channels_for_studio(request.user))
    return render(request, "live/studio.html", {"page": page})


@method_decorator([login_required, never_cache], name="dispatch")
class StudioChannelView(View):
    """A channel, to whom runs it.

    A POST issues a key, which is shown in the answer and nowhere else, or announces a broadcast.
    """

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return _show(request, access.get_channel_for_studio(request.user, slug))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        channel = access.get_channel_for_studio(request.user, slug)
        if "replaces" in request.POST:
            return self._replace_key(request, channel)
        if "plan" in request.POST:
            return self._announce(request, channel)
        label = " ".join(request.POST.get("label", "").split())
        if not label or len(label) > _LONGEST_LABEL or not _is_line(label):
            return _show(request, channel, fault=_("Say in at most 80 letters which encoder the key is for."))
        issued = issue_stream_key(channel=channel, label=label, by=_person(request), at=clock.now())
        return _show(request, channel, issued=issued)

    def _replace_key(self, request: HttpRequest, channel: Channel) -> HttpResponse:
        key = access.get_key_for_studio(request.user, channel.slug, _key_id(request.POST["replaces"]))
        if key.revoked_at is not None:
            # A page that was loaded again asks again.
            return _show(request, channel, fault=_("This key has been replaced or revoked already."))
        return _show(request, channel, issued=rotate_stream_key(key_id=key.pk, by=_person(request), at=clock.now()))

    def _announce(self, request: HttpRequest, channel: Channel) -> HttpResponse:
        """Announce a broadcast, or change the one that `plan` names."""
        plan_id = _plan_id(request.POST["plan"])
        if plan_id:
            access.get_plan_of_channel(request.user, channel.slug, plan_id)
        form = PlanForm(request.POST, plan_id=plan_id)
        try:
            if form.is_valid():
                messages.success(request, _keep(form, channel, by=_person(request), at=clock.now()))
                return redirect("streaming:studio-channel", channel.slug)
        except (StreamPlanOutOfReach, StreamPlanExists) as error:
            form.add_error("starts_local", str(error.detail))
        except TooManyStreamPlans as error:
            form.add_error(None, str(error.detail))
        except StreamPlanIsOver as error:
            # It has no place on the page any more.
            messages.error(request, str(error.title))
            return redirect("streaming:studio-channel", channel.slug)
        return _show(request, channel, refused=form)


@require_POST
@login_required
@never_cache
def revoke_key(request: HttpRequest, slug: str, key_id: int) -> HttpResponse:
    key = access.get_key_for_studio(request.user, slug, key_id)
    revoke_stream_key(key_id=key.pk, by=_person(request), at=clock.now())
    messages.success(request, _("The key “%(label)s” admits nobody any more.") % {"label": key.label})
    return redirect("streaming:studio-channel", slug)


@require_POST
@login_required
@never_cache
def stop_stream(request: HttpRequest, slug: str) -> HttpResponse:
    channel = access.get_channel_for_studio(request.user, slug)
    stream = channel.streams.live().first()
    try:
        if stream is None:
            raise StreamIsOver()
        live.stop_stream(stream_id=stream.pk, by=_person(request), at=clock.now())
        messages.success(request, _("You have ended the broadcast."))
    except StreamIsOver:
        messages.info(request, _("Nothing was on air."))
    return redirect("streaming:studio-channel", slug)


@require_POST
@login_required
@never_cache
def change_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the channel a picture, or take it away."""
    channel, person, at = access.get_channel_for_studio(request.user, slug), _person(request), clock.now()
    file = request.FILES.get("file")
    try:
        if "removes" in request.POST:
            remove_channel_picture(channel_id=channel.pk, by=person, at=at)
        else:
            content = file.read(LARGEST_FILE + 1) if file else b""
            set_channel_picture(channel_id=channel.pk, content=content, by=person, at=at)
            messages.success(request, _("The channel has its picture."))
    except PictureRefused as refusal:
        messages.error(request, str(refusal.detail))
    except NotFound:
        messages.info(request, _("The channel had no picture."))
    return redirect("streaming:studio-channel", slug)


@require_POST
@login_required
@never_cache
def call_off_plan(request: HttpRequest, slug: str, plan_id: UUID) -> HttpResponse:
    plan = access.get_plan_of_channel(request.user, slug, plan_id)
    try:
        call_off_stream(plan_id=plan.pk, by=_person(request), at=clock.now())
        messages.success(request, _("“%(title)s” is called off.") % {"title": plan.title})
    except StreamPlanIsOver as error:
        messages.error(request, str(error.title))
    return redirect("streaming:studio-channel", slug)


@require_POST
@login_required
@never_cache
def switch_test(request: HttpRequest, slug: str) -> HttpResponse:
    channel = access.get_channel_for_studio(request.user, slug)
    switch = arm_test if "is_test" in request.POST else disarm_test
    switch(channel_id=channel.pk, by=_person(request), at=clock.now())
    return redirect("streaming:studio-channel", slug)


def _show(
    request: HttpRequest,
    channel: Channel,
    *,
    issued: IssuedKey | None = None,
    fault: str = "",
    refused: PlanForm | None = None,
) -> HttpResponse:
    viewpoint = viewpoint_of(request)
    context = {
        "page": studio_channel_page(request, channel, viewpoint, issued=issued, fault=fault, refused=refused),
        "preview": preview_of(viewpoint, request.path),
    }
    return render(request, "live/studio_channel.html", context, status=422 if fault or refused else 200)


def _keep(form: PlanForm, channel: Channel, *, by: User, at: datetime) -> str:
    """Announce or change what the form says; return what to tell the broadcaster. Raises what the services raise."""
    if form.plan_id:
        change_plan(plan_id=form.plan_id, facts=form.facts(), by=by, at=at)
        return _("Viewers are told of the change.")
    announce_stream(channel=channel, **form.facts(), by=by, at=at)
    return _("“%(title)s” is announced.") % {"title": form.cleaned_data["title"]}


def _plan_id(text: str) -> UUID | None:
    """Return None for a broadcast to announce. Raises NotFound where the text names nothing."""
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise NotFound() from error


def _key_id(text: str) -> int:
    """Return a number that names no key where the text is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "login_required lets nobody else in"
    return request.user


def _is_line(text: str) -> bool:
    try:
        # The database takes no NUL, which forms would have refused.
        ProhibitNullCharactersValidator()(text)
        check_line(text)
    except ValidationError:
        return False
    return True
