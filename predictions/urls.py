from django.urls import path

from predictions.site import comparisons, history, history_file, home, models, money, orders, results, what_if
from predictions.site.batches import pages, rows, upload

app_name = "predictions"
urlpatterns = [
    path("dashboard/", home.dashboard, name="dashboard"),
    path("models/", models.models_view, name="models"),
    path("models/<slug:slug>/", models.model_view, name="model"),
    path("models/<slug:slug>/points.csv", models.points_csv, name="points"),
    path("predictions/", history.history, name="history"),
    path("predictions/history.csv", history_file.history_csv, name="history-csv"),
    path("predictions/new/", orders.new_prediction, name="new"),
    path("predictions/<id:pk>/", results.detail, name="detail"),
    path("predictions/<id:pk>/cancel/", orders.cancel, name="cancel"),
    path("predictions/<id:pk>/label/", results.label, name="label"),
    path("predictions/<id:pk>/explanation/", results.explanation, name="explanation"),
    path("predictions/<id:pk>/what-if/", what_if.what_if, name="what-if"),
    path("predictions/<id:pk>/curves/", what_if.curves, name="curves"),
    path("predictions/<id:pk>/cut/", what_if.loan_reduction, name="loan-reduction"),
    path("predictions/<id:pk>/check/", what_if.verification, name="verification"),
    path("comparisons/new/", comparisons.new_comparison, name="comparison-new"),
    path("comparisons/<id:pk>/cancel/", comparisons.cancel, name="comparison-cancel"),
    path("comparisons/<id:pk>/label/", comparisons.label, name="comparison-label"),
    path("comparisons/<id:pk>/", comparisons.detail, name="comparison"),
    path("files/", pages.batches, name="batches"),
    path("files/new/", upload.new_batch, name="batch-new"),
    path("files/template.csv", upload.template_csv, name="batch-template"),
    path("files/<id:pk>/", pages.detail, name="batch"),
    path("files/<id:pk>/confirm/", pages.confirm, name="batch-confirm"),
    path("files/<id:pk>/quote/", pages.quote, name="batch-quote"),
    path("files/<id:pk>/cancel/", pages.cancel, name="batch-cancel"),
    path("files/<id:pk>/results.csv", pages.results_csv, name="batch-results"),
    path("files/<id:pk>/errors.csv", pages.errors_csv, name="batch-errors"),
    path("files/<id:pk>/rows/<int:line>/", rows.row, name="batch-row"),
    path("wallet/transactions/", money.transactions_view, name="transactions"),
    path("wallet/transactions.csv", money.transactions_csv, name="transactions-csv"),
    path("wallet/statement/", money.statement_view, name="statement"),
]
