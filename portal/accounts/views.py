"""Sign-in, sign-out, profile and password of the person at the browser."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portal import clock
from portal.accounts import services, sign_in
from portal.accounts.forms import ProfileForm, SignInForm
from portal.accounts.pages import LoginPage, PasswordChangePage, ProfilePage
from portal.accounts.roles import roles_of
from portal.errors import TooManyRequests, WrongCredentials
from portal.models import User
from portal.preferences import remember
from portal.waiting import wait_sentence


@method_decorator([sensitive_post_parameters("password"), never_cache], name="dispatch")
class LoginView(View):
    """Sign in; also where the admin sends people."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return _login_page(request, SignInForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SignInForm(request.POST)
        if not form.is_valid():
            return _login_page(request, form)
        try:
            user = sign_in.sign_in_session(
                request, name=form.cleaned_data["name"], password=form.cleaned_data["password"], at=clock.now()
            )
        except WrongCredentials as error:
            form.add_error(None, str(error.title))
            return _login_page(request, form)
        except TooManyRequests as error:
            form.add_error(None, f"{error.title}. {wait_sentence(error.retry_after_s)}")
            return _refused(_login_page(request, form), error)
        return _speaking(user, redirect(_next_url(request) or settings.LOGIN_REDIRECT_URL))


@require_POST
@never_cache
def log_out(request: HttpRequest) -> HttpResponse:
    sign_in.sign_out_session(request, at=clock.now())
    return HttpResponseRedirect(_next_url(request) or resolve_url(settings.LOGOUT_REDIRECT_URL))


@method_decorator([login_required, never_cache], name="dispatch")
class ProfileView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return _profile_page(request, ProfileForm(instance=_person(request)))

    def post(self, request: HttpRequest) -> HttpResponse:
        # A copy: the form writes into its instance, and the page must go on to name the person as stored.
        form = ProfileForm(request.POST, instance=User.objects.get(pk=_person(request).pk))
        if not form.is_valid():
            return _profile_page(request, form)
        try:
            user = services.update_profile(user=_person(request), values=form.cleaned_data, at=clock.now())
        except IntegrityError:
            # Somebody took the address after the form had looked.
            form.add_error("email", gettext("Another account has this e-mail address."))
            return _profile_page(request, form)
        messages.success(request, gettext("You have changed your profile."))
        return _speaking(user, redirect("accounts:profile"))


@method_decorator(
    [sensitive_post_parameters("old_password", "new_password1", "new_password2"), login_required, never_cache],
    name="dispatch",
)
class PasswordChangeView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return _password_page(request, PasswordChangeForm(_person(request)))

    def post(self, request: HttpRequest) -> HttpResponse:
        user = _person(request)
        # The old password is as good to guess here as at sign-in.
        sign_in.limit_attempts(request, user.get_username())
        form = PasswordChangeForm(user, request.POST)
        if not form.is_valid():
            return _password_page(request, form)
        services.change_password(user=user, password=form.cleaned_data["new_password1"], by=user, at=clock.now())
        update_session_auth_hash(request, user)
        messages.success(request, gettext("You have changed your password. Other devices must sign in again."))
        return redirect("accounts:profile")


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "login_required lets nobody else in"
    return request.user


def _next_url(request: HttpRequest) -> str:
    """Return where the visitor wanted to go, if that is on this host; "" otherwise."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else ""


def _login_page(request: HttpRequest, form: SignInForm) -> HttpResponse:
    signed_in_as = request.user.shown_name if isinstance(request.user, User) else ""
    page = LoginPage(form=form, next_url=_next_url(request), signed_in_as=signed_in_as)
    return render(request, "accounts/login.html", {"page": page})


def _profile_page(request: HttpRequest, form: ProfileForm) -> HttpResponse:
    user = _person(request)
    roles = tuple(str(role.label) for role in roles_of(user))
    page = ProfilePage(form=form, user_name=user.get_username(), roles=roles)
    return render(request, "accounts/profile.html", {"page": page})


def _password_page(request: HttpRequest, form: PasswordChangeForm) -> HttpResponse:
    return render(request, "accounts/password_change.html", {"page": PasswordChangePage(form=form)})


def _refused(response: HttpResponse, error: TooManyRequests) -> HttpResponse:
    response.status_code = int(error.status)
    for name, value in error.headers().items():
        response.headers[name] = value
    return response


def _speaking(user: User, response: HttpResponse) -> HttpResponse:
    """Let the browser keep the language that the person has chosen."""
    remember(response, language=user.language)
    return response
