from django.urls import path

from billing import views

app_name = "billing"
urlpatterns = [
    path("top-up/", views.top_up_view, name="top-up"),
    path("low-balance/", views.low_balance_view, name="low-balance"),
]
