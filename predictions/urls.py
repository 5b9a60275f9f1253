from django.urls import path

from predictions.views import cards, comparisons, history, orders, questions, results, shop

app_name = "predictions"
urlpatterns = [
    path("dashboard/", shop.dashboard, name="dashboard"),
    path("models/", cards.models_view, name="models"),
    path("models/<slug:slug>/", cards.model_view, name="model"),
    path("models/<slug:slug>/points.csv", cards.points_csv, name="points"),
    path("predictions/", history.history, name="history"),
    path("predictions/history.csv", history.history_csv, name="history-csv"),
    path("predictions/new/", orders.new_prediction, name="new"),
    path("predictions/<uuid:pk>/", results.detail, name="detail"),
    path("predictions/<uuid:pk>/cancel/", orders.cancel, name="cancel"),
    path("predictions/<uuid:pk>/label/", results.label, name="label"),
    path("predictions/<uuid:pk>/explanation/", results.explanation, name="explanation"),
    path("predictions/<uuid:pk>/what-if/", questions.what_if, name="what-if"),
    path("predictions/<uuid:pk>/curves/", questions.curves, name="curves"),
    path("predictions/<uuid:pk>/cut/", questions.cut, name="cut"),
    path("predictions/<uuid:pk>/check/", questions.check, name="check"),
    path("comparisons/new/", comparisons.new_comparison, name="comparison-new"),
    path("comparisons/<uuid:pk>/cancel/", comparisons.cancel, name="comparison-cancel"),
    path("comparisons/<uuid:pk>/label/", comparisons.label, name="comparison-label"),
    path("comparisons/<uuid:pk>/", comparisons.comparison, name="comparison"),
]
