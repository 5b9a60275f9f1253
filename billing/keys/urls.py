from django.urls import path

from billing.keys import views

app_name = "keys"
urlpatterns = [
    path("", views.keys_view, name="keys"),
    path("<id:pk>/rotate/", views.rotate_view, name="rotate"),
    path("<id:pk>/revoke/", views.revoke_view, name="revoke"),
]
