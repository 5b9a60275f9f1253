from django.urls import path

from billing import views

app_name = "billing"
urlpatterns = [
    path("top-up/", views.top_up_view, name="top-up"),
    path("transactions/", views.transactions_view, name="transactions"),
    path("transactions.csv", views.transactions_csv, name="transactions-csv"),
    path("statement/", views.statement_view, name="statement"),
]
