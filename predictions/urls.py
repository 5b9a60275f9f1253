from django.urls import path

from predictions.site import comparisons, history, home, models, money, orders, results, what_if

app_name = "predictions"
urlpatterns = [
    path("dashboard/", home.dashboard, name="dashboard"),
    path("models/", models.models_view, name="models"),
    path("models/<slug:slug>/", models.model_view, name="model"),
    path("models/<slug:slug>/points.csv", models.points_csv, name="points"),
    path("predictions/", history.history, name="history"),
    path("predictions/history.csv", history.history_csv, name="history-csv"),
    path("predictions/new/", orders.new_prediction, name="new"),
    path("predictions/<uuid:pk>/", results.detail, name="detail"),
    path("predictions/<uuid:pk>/cancel/", orders.cancel, name="cancel"),
    path("predictions/<uuid:pk>/label/", results.label, name="label"),
    path("predictions/<uuid:pk>/explanation/", results.explanation, name="explanation"),
    path("predictions/<uuid:pk>/what-if/", what_if.what_if, name="what-if"),
    path("predictions/<uuid:pk>/curves/", what_if.curves, name="curves"),
    path("predictions/<uuid:pk>/cut/", what_if.loan_reduction, name="loan-reduction"),
    path("predictions/<uuid:pk>/check/", what_if.verification, name="verification"),
    path("comparisons/new/", comparisons.new_comparison, name="comparison-new"),
    path("comparisons/<uuid:pk>/cancel/", comparisons.cancel, name="comparison-cancel"),
    path("comparisons/<uuid:pk>/label/", comparisons.label, name="comparison-label"),
    path("comparisons/<uuid:pk>/", comparisons.detail, name="comparison"),
    path("wallet/transactions/", money.transactions_view, name="transactions"),
    path("wallet/transactions.csv", money.transactions_csv, name="transactions-csv"),
    path("wallet/statement/", money.statement_view, name="statement"),
]
