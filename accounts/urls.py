from django.urls import path

from accounts import password_reset, views

app_name = "accounts"
urlpatterns = [
    path("register/", views.register_view, name="register"),
    path("login/", views.login_view, name="login"),
    path("logout/", views.logout_view, name="logout"),
    path("password/", views.password_view, name="password"),
    path("tokens/", views.tokens_view, name="tokens"),
    path("tokens/revoke/", views.revoke_tokens_view, name="tokens-revoke"),
    *password_reset.urlpatterns,
]
