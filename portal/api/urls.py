from django.urls import path

from portal.api import accounts, documentation, views
from portal.api.audit_entries import AuditEntryViewSet

app_name = "api"
urlpatterns = [
    path("", views.RootView.as_view(), name="root"),
    path("auth/token/", accounts.TokenView.as_view(), name="token"),
    path("auth/token/refresh/", accounts.TokenRefreshView.as_view(), name="token-refresh"),
    path("auth/me/", accounts.MeView.as_view(), name="me"),
    path("audit-entries/", AuditEntryViewSet.as_view({"get": "list"}), name="audit-entry-list"),
    path("audit-entries/<int:pk>/", AuditEntryViewSet.as_view({"get": "retrieve"}), name="audit-entry-detail"),
    path("schema/", documentation.SchemaView.as_view(), name="schema"),
    path("docs/", documentation.SwaggerView.as_view(), name="docs"),
    path("redoc/", documentation.RedocView.as_view(), name="redoc"),
]
