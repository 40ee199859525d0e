"""The admin has no doors of its own: its sign-in, sign-out and password pages are those of everybody."""

from django.urls import path
from django.views.generic import RedirectView

from portal.accounts import views

urlpatterns = [
    path("login/", RedirectView.as_view(pattern_name="accounts:login", query_string=True)),
    path("logout/", views.log_out),
    path("password_change/", RedirectView.as_view(pattern_name="accounts:password-change")),
]
