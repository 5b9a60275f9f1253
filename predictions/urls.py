from django.urls import path

from predictions import views, views_cards, views_comparisons, views_results

app_name = "predictions"
urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("models/", views_cards.models_view, name="models"),
    path("models/<slug:slug>/", views_cards.model_view, name="model"),
    path("models/<slug:slug>/points.csv", views_cards.points_csv, name="points"),
    path("predictions/", views.history, name="history"),
    path("predictions/new/", views.new_prediction, name="new"),
    path("predictions/<uuid:pk>/", views_results.detail, name="detail"),
    path("predictions/<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("predictions/<uuid:pk>/explanation/", views_results.explanation, name="explanation"),
    path("predictions/<uuid:pk>/what-if/", views_results.what_if, name="what-if"),
    path("predictions/<uuid:pk>/curves/", views_results.curves, name="curves"),
    path("predictions/<uuid:pk>/cut/", views_results.cut, name="cut"),
    path("predictions/<uuid:pk>/check/", views_results.check, name="check"),
    path("comparisons/new/", views_comparisons.new_comparison, name="comparison-new"),
    path("comparisons/<uuid:pk>/", views_comparisons.comparison, name="comparison"),
]
