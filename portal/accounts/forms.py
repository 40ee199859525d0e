"""Forms of the account pages: they validate and shape, services write."""

from typing import ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.models import User


class SignInForm(forms.Form):
    name = forms.CharField(
        label=_("Name or e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        # The hash reads all of it: no work without bound for one request.
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # it takes its argument for mypy only
    language = forms.ChoiceField(label=_("Language"), required=False)

    class Meta:
        model = User
        fields: ClassVar = ["display_name", "email", "language"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.fields["language"].choices = [("", _("As the browser asks")), *settings.LANGUAGES]  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        """Refuse an address that another account signs in with, in any case of its letters."""
        email: str = self.cleaned_data["email"]
        taken = User.objects.exclude(pk=self.instance.pk).filter(email__iexact=email)
        if email and taken.exists():
            raise forms.ValidationError(_("Another account has this e-mail address."), code="unique")
        return email
