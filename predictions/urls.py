from django.urls import path

from predictions import views

app_name = "predictions"
urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("models/", views.models_view, name="models"),
    path("models/<slug:slug>/", views.model_view, name="model"),
    path("predictions/", views.history, name="history"),
    path("predictions/new/", views.new_prediction, name="new"),
    path("predictions/<uuid:pk>/", views.detail, name="detail"),
    path("predictions/<uuid:pk>/cancel/", views.cancel, name="cancel"),
]
