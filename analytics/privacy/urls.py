from django.urls import path

from analytics.privacy import views

app_name = "audience"
urlpatterns = [
    path("audience/you/", views.show_counting, name="counting"),
    path("audience/you/forget/", views.forget_me, name="forget-me"),
]
