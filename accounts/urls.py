from django.urls import path

from accounts import password_reset, views
from accounts.profile import views as profile
from accounts.second_factor import views as second_factor
from accounts.sessions import views as sessions
from accounts.webhooks import views as webhooks

app_name = "accounts"
urlpatterns = [
    path("", profile.account_view, name="account"),
    path("sessions/", sessions.sessions_view, name="sessions"),
    path("sessions/end-others/", sessions.end_others_view, name="sessions-end"),
    path("sessions/<id:pk>/end/", sessions.end_view, name="session-end"),
    path("sessions/tokens/<id:pk>/end/", sessions.end_family_view, name="token-family-end"),
    path("two-factor/", second_factor.second_factor_view, name="second-factor"),
    path("two-factor/set-up/", second_factor.setup_view, name="second-factor-setup"),
    path("two-factor/codes/", second_factor.codes_view, name="second-factor-codes"),
    path("two-factor/codes/download/", second_factor.download_view, name="second-factor-download"),
    path("two-factor/off/", second_factor.turn_off_view, name="second-factor-off"),
    path("email/", profile.email_view, name="email"),
    path("email/confirm/", profile.send_link_view, name="email-link"),
    path("email/<uidb64>/<token>/", profile.confirm_email_view, name="email-confirm"),
    path("register/", views.register_view, name="register"),
    path("login/", views.login_view, name="login"),
    path("login/code/", views.login_code_view, name="login-code"),
    path("logout/", views.logout_view, name="logout"),
    path("password/", views.password_view, name="password"),
    path("tokens/", views.tokens_view, name="tokens"),
    path("tokens/revoke/", views.revoke_tokens_view, name="tokens-revoke"),
    path("programs/end/", views.end_programs_view, name="programs-end"),
    path("webhooks/", webhooks.webhooks_view, name="webhooks"),
    path("webhooks/new/", webhooks.new_view, name="webhook-new"),
    path("webhooks/<id:pk>/", webhooks.webhook_view, name="webhook"),
    path("webhooks/<id:pk>/edit/", webhooks.edit_view, name="webhook-edit"),
    path("webhooks/<id:pk>/rotate/", webhooks.rotate_view, name="webhook-rotate"),
    path("webhooks/<id:pk>/switch/", webhooks.switch_view, name="webhook-switch"),
    path("webhooks/<id:pk>/delete/", webhooks.delete_view, name="webhook-delete"),
    path("webhooks/<id:pk>/test/", webhooks.test_view, name="webhook-test"),
    path("webhooks/<id:pk>/replay/", webhooks.replay_failed_view, name="webhook-replay"),
    path("webhooks/<id:pk>/deliveries/<id:delivery>/", webhooks.delivery_view, name="webhook-delivery"),
    path(
        "webhooks/<id:pk>/deliveries/<id:delivery>/replay/",
        webhooks.replay_view,
        name="webhook-delivery-replay",
    ),
    *password_reset.urlpatterns,
]
