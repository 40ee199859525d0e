from django.urls import path

from analytics.privacy.api import MyAudienceView

app_name = "audience-api"
urlpatterns = [path("auth/me/audience/", MyAudienceView.as_view(), name="me")]
