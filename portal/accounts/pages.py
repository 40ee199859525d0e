"""What the account pages show."""

from dataclasses import dataclass

from django.contrib.auth.forms import PasswordChangeForm

from portal.accounts.forms import ProfileForm, SignInForm


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage:
    """`next_url` is where a sign-in leads, "" for the start page; `signed_in_as` is "" unless somebody already is."""

    form: SignInForm
    next_url: str
    signed_in_as: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePage:
    """`roles` are names for people."""

    form: ProfileForm
    user_name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChangePage:
    """`form` has the fields old_password, new_password1 and new_password2."""

    form: PasswordChangeForm
