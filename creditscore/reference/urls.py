"""The pages at /docs/."""

from django.urls import path

from creditscore.reference import views

app_name = "reference"
urlpatterns = [
    path("quickstart/", views.quickstart, name="quickstart"),
    path("errors/", views.errors, name="errors"),
    path("guides/<slug:guide>/", views.guide, name="guide"),
    path("<slug:name>/", views.group, name="group"),
]
