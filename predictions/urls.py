from django.urls import path

from predictions import views, views_cards

app_name = "predictions"
urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("models/", views_cards.models_view, name="models"),
    path("models/<slug:slug>/", views_cards.model_view, name="model"),
    path("models/<slug:slug>/points.csv", views_cards.points_csv, name="points"),
    path("predictions/", views.history, name="history"),
    path("predictions/new/", views.new_prediction, name="new"),
    path("predictions/<uuid:pk>/", views.detail, name="detail"),
    path("predictions/<uuid:pk>/cancel/", views.cancel, name="cancel"),
]
